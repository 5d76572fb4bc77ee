/** Conversions of what a page passes, as Web IDL has them (section 3.2). */

/** A `DOMString`, as the page's own object may turn into one. */
export function text(value: unknown): string {
  return String(value);
}

/** A value that must be one of a list. Throws TypeError. */
export function enumeration<T extends string>(
  name: string,
  value: unknown,
  values: readonly T[],
): T {
  const given = text(value);
  const found = values.find((one) => one === given);
  if (found === undefined) throw new TypeError(`'${given}' is no ${name}`);
  return found;
}

/** `[EnforceRange]` of an unsigned integer. Throws TypeError. */
export function inRange(name: string, value: unknown, max: number): number {
  const number = Math.trunc(Number(value));
  if (!Number.isFinite(number) || number < 0 || number > max) {
    throw new TypeError(`${name} is not from 0 to ${max}`);
  }
  // No negative zero.
  return number + 0;
}

/** An unsigned integer of so many bits, wrapped around. */
export function wrapped(value: unknown, bits: 16 | 32): number {
  const number = Math.trunc(Number(value));
  const size = 2 ** bits;
  return Number.isFinite(number) ? ((number % size) + size) % size : 0;
}

/** A `double`: no infinity. Throws TypeError. */
export function finite(name: string, value: unknown): number {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new TypeError(`${name} is not finite`);
  return number;
}

/** A sequence. Throws TypeError. */
export function sequence(name: string, value: unknown): unknown[] {
  const iterable =
    typeof value === 'object' && value !== null && Symbol.iterator in value ? value : null;
  if (!iterable) throw new TypeError(`${name} is not a sequence`);
  return [...(iterable as Iterable<unknown>)];
}

/** A dictionary: `undefined` and `null` are an empty one. Throws TypeError. */
export function dictionary(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function') {
    throw new TypeError(`${name} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** A `DOMString?`. */
export function nullableText(value: unknown): string | null {
  return value === undefined || value === null ? null : text(value);
}

/** A `USVString`: no half of a pair. */
export function scalarText(value: unknown): string {
  return text(value).replace(
    /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    '\uFFFD',
  );
}

/** What only the engine may construct takes this as its first argument. */
export const PERMIT: unique symbol = Symbol('permit');

/** Throws TypeError for a page that calls such a constructor. */
export function mustBePermitted(permit: unknown): void {
  if (permit !== PERMIT) throw new TypeError('Illegal constructor');
}

const values = new WeakMap<object, Readonly<Record<string, unknown>>>();

/** Gives a class read-only attributes; each object's values are set by {@link setAttributes}. */
export function defineAttributes(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: object): unknown {
        const own = values.get(this);
        if (!own || !Object.hasOwn(own, name)) throw new TypeError('Illegal invocation');
        return own[name];
      },
    });
  }
}

/** The values of an object's attributes. Throws TypeError for what has none. */
export function attributesOf(target: object): Readonly<Record<string, unknown>> {
  const own = values.get(target);
  if (!own) throw new TypeError('Illegal invocation');
  return own;
}

export function setAttributes(target: object, own: Readonly<Record<string, unknown>>): void {
  values.set(target, { ...values.get(target), ...own });
}

/** How an interface differs from what a class makes of it. */
export interface Shape {
  /** Arguments that the constructor requires. */
  readonly length?: number;
  /** Arguments that methods require. */
  readonly required?: Readonly<Record<string, number>>;
  /** Methods whose promise tells whatever is wrong. */
  readonly promises?: readonly string[];
}

type Method = (this: unknown, ...given: unknown[]) => unknown;

const OWN = ['constructor', 'name', 'length', 'prototype'];

/**
 * Makes a class look as an interface does: names whatever a minifier made of them, members that are
 * enumerated, required arguments, and promises where the standard has them (Web IDL, section 3.7).
 */
export function expose(
  type: { readonly prototype: object },
  name: string,
  shape: Shape = {},
): void {
  const tag = Symbol.toStringTag;
  Object.defineProperty(type, 'name', { value: name, configurable: true });
  Object.defineProperty(type, 'length', { value: shape.length ?? 0, configurable: true });
  Object.defineProperty(type.prototype, tag, { value: name, configurable: true });
  for (const owner of [type, type.prototype]) {
    for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (OWN.includes(key)) continue;
      const exposed = { ...property, enumerable: true };
      for (const how of ['get', 'set'] as const) {
        const accessor = Reflect.get(property, how) as Method | undefined;
        if (!accessor) continue;
        Object.defineProperty(accessor, 'name', { value: `${how} ${key}`, configurable: true });
      }
      if (typeof property.value === 'function') {
        const required = shape.required?.[key] ?? 0;
        const promise = shape.promises?.includes(key) ?? false;
        exposed.value = wrap(key, property.value as Method, required, promise);
      }
      Object.defineProperty(owner, key, exposed);
    }
  }
}

function wrap(name: string, original: Method, required: number, promise: boolean): Method {
  // Written as a method, so that it is no constructor.
  const { wrapped } = {
    wrapped(this: unknown, ...given: unknown[]): unknown {
      try {
        if (given.length < required) throw new TypeError(`${name} takes ${required} arguments`);
        return original.apply(this, given);
      } catch (error) {
        if (!promise) throw error;
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
    },
  } satisfies Record<string, Method> as Record<'wrapped', Method>;
  Object.defineProperty(wrapped, 'name', { value: name, configurable: true });
  Object.defineProperty(wrapped, 'length', { value: required, configurable: true });
  return wrapped;
}
