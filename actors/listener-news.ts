import type { ReplicaMessage } from './replica/messages.js';
import type { SocketMessage } from './sockets.js';

type ListenerNews = Extract<SocketMessage, { type: 'listening' | 'listenFailed' }>;

/** Returns what the replica is told when the listener of one of its two doors is open, or cannot be opened. */
export function listenerNews(
  role: 'network' | 'gateway',
  news: ListenerNews,
): { readonly type: 'send'; readonly to: 'replica'; readonly message: ReplicaMessage } {
  if (news.type === 'listening') return { type: 'send', to: 'replica', message: { ...news, role } };
  const { code, detail } = news;
  return { type: 'send', to: 'replica', message: { type: 'operationFailed', code, detail } };
}
