import type { GatewayContext } from './context.js';

/** What frames cost before anyone knows what is in them. */
export function workOfFrames(
  { limits }: GatewayContext,
  { frames, bytes }: { readonly frames: number; readonly bytes: number },
): number {
  const { frame, kibibyte } = limits.clientWork;
  return frames * frame + (bytes / 1024) * kibibyte;
}
