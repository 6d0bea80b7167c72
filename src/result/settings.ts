// What a resolved config says at a key such as `crossbar.rows`.

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** What stands at a key of the config; undefined where nothing does. */
export const settingAt = (config: object, key: string): unknown =>
  key
    .split('.')
    .reduce<unknown>((at, part) => (isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined), config);
