/** The few facts of the zip format that its writer and its reader share. All numbers are little-endian. */
export const signatures = {
  entry: 0x04034b50,
  descriptor: 0x08074b50,
  listed: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  end64Locator: 0x07064b50,
} as const;

export const lengths = { entry: 30, listed: 46, end: 22, end64: 56, end64Locator: 20 } as const;

/** How the content of an entry is packed. */
export const methods = { stored: 0, deflated: 8 } as const;

export const flags = {
  encrypted: 1,
  /** Checksum and sizes follow the content, since nobody knew them before. */
  descriptor: 1 << 3,
  utf8: 1 << 11,
} as const;

/** The kind of an extra field that holds sizes and offsets of eight bytes. */
export const zip64Field = 1;

/** Stands in a field of four (or two) bytes where the number is in the zip64 field. */
export const elsewhere32 = 0xffffffff;
export const elsewhere16 = 0xffff;
