import { type ActorFactory, createStorage } from 'hotstuff/actors';

/** Our storage, which says in the log how much it is asked to write. */
export const loggedStorage: ActorFactory<'storage'> = ({ options, log }) => {
  const ours = createStorage(options);
  return {
    receive(message, turn) {
      if (message.type === 'persist') log.info('persist', { blocks: message.request.blocks.length });
      return ours.receive(message, turn);
    },
  };
};
