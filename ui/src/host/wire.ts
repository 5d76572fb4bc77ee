/** A connection to the node that carries whole messages, in order, both ways. */
import type { FromNode, ToNode } from '../protocol';

/** One open, or opening, connection. */
export interface Wire {
  send(message: ToNode): void;
  /** No handler is called after this. */
  close(): void;
}

/** Who is told; `closed` comes once, also when it never opened. */
export interface WireHandlers {
  opened(): void;
  received(message: FromNode): void;
  closed(): void;
}

/** Opens one. */
export type OpenWire = (handlers: WireHandlers) => Wire;

/** Reads a message of our own node: its shape is the node's word, not checked again. */
export function parseFromNode(data: unknown): FromNode | null {
  if (typeof data !== 'string') return null;
  try {
    return JSON.parse(data) as FromNode;
  } catch {
    return null;
  }
}
