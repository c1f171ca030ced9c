/** The bytes of a batch: its number, the prices, the offers; big-endian, of one form only. */
import { ACCOUNTS, ASSETS, type Batch, type Offer } from './market.js';

const HEAD_BYTES = 4 + 2 * ASSETS;
const OFFER_BYTES = 8;

/** Returns the body of a batch. */
export function serializeBatch({ number, prices, offers }: Batch): Uint8Array {
  const body = new Uint8Array(HEAD_BYTES + OFFER_BYTES * offers.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, number);
  for (const [asset, price] of prices.entries()) view.setUint16(4 + 2 * asset, price);
  for (const [place, { account, sell, buy, quantity, limit }] of offers.entries()) {
    const at = HEAD_BYTES + OFFER_BYTES * place;
    view.setUint16(at, account);
    view.setUint8(at + 2, sell);
    view.setUint8(at + 3, buy);
    view.setUint16(at + 4, quantity);
    view.setUint16(at + 6, limit);
  }
  return body;
}

/** Returns the batch in a body; null for bytes that no exchange wrote. Whether its offers may trade is not looked at. */
export function parseBatch(body: Uint8Array): Batch | null {
  const offerBytes = body.length - HEAD_BYTES;
  if (offerBytes < 0 || offerBytes % OFFER_BYTES > 0) return null;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const prices = Array.from({ length: ASSETS }, (_, asset) => view.getUint16(4 + 2 * asset));
  const offers = Array.from({ length: offerBytes / OFFER_BYTES }, (_, place) => offerAt(view, place));
  if (prices.includes(0) || !offers.every(isOffer)) return null;
  return { number: view.getUint32(0), prices, offers };
}

function offerAt(view: DataView, place: number): Offer {
  const at = HEAD_BYTES + OFFER_BYTES * place;
  return {
    account: view.getUint16(at),
    sell: view.getUint8(at + 2),
    buy: view.getUint8(at + 3),
    quantity: view.getUint16(at + 4),
    limit: view.getUint16(at + 6),
  };
}

function isOffer({ account, sell, buy, quantity }: Offer): boolean {
  return account < ACCOUNTS && sell < ASSETS && buy < ASSETS && sell !== buy && quantity > 0;
}
