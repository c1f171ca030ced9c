/**
 * The integers and names of the protocol, told apart by brands so that a height is never taken for a view.
 * All are safe integers; the wire refuses anything above {@link NUMBER_MAX}.
 */
declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A view, 0 .. NUMBER_MAX. At most one block can be certified in each; genesis stands in view 0. */
export type View = Brand<number, 'View'>;
/** A tenure: the views k·T .. k·T+T−1, all led by one replica. */
export type Tenure = Brand<number, 'Tenure'>;
/** A block's distance from genesis, which has height 0. */
export type Height = Brand<number, 'Height'>;
/** A client's own count of its commands, from 1. */
export type Sequence = Brand<number, 'Sequence'>;
/** A replica's index in the cluster configuration, 0 .. n−1. */
export type ReplicaId = Brand<number, 'ReplicaId'>;
/** A block's SHA-256 as 64 lower-case hex digits, made where bytes are decoded and compared as a string. */
export type BlockHash = Brand<string, 'BlockHash'>;
/** A client's 16 random bytes as 32 lower-case hex digits. */
export type ClientId = Brand<string, 'ClientId'>;

/** The largest view, height or sequence that a peer may name; the margin lets arithmetic on it stay exact. */
export const NUMBER_MAX = Number.MAX_SAFE_INTEGER - 2 ** 20;

/** Takes a number for a view; whoever calls has seen that it is one. */
export const asView = (value: number): View => value as View;
/** Takes a number for a tenure. */
export const asTenure = (value: number): Tenure => value as Tenure;
/** Takes a number for a height. */
export const asHeight = (value: number): Height => value as Height;
/** Takes a number for a client's sequence number. */
export const asSequence = (value: number): Sequence => value as Sequence;
/** Takes a number for a replica's index, 0 .. n−1. */
export const asReplicaId = (value: number): ReplicaId => value as ReplicaId;
/** Takes a text for a block's hash: 64 lower-case hex digits. */
export const asBlockHash = (value: string): BlockHash => value as BlockHash;
/** Takes a text for a client's id: 32 lower-case hex digits. */
export const asClientId = (value: string): ClientId => value as ClientId;
