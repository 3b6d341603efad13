import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { demux } from "../../../provider/hosts/demux.ts";

interface Frame {
  readonly stream: 1 | 2;
  readonly text: string;
}

const frames = fc.array(fc.record({ stream: fc.constantFrom<1 | 2>(1, 2), text: fc.string() }), { minLength: 1 });

function encoded(all: readonly Frame[]): Buffer {
  return Buffer.concat(
    all.map(({ stream, text }) => {
      const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
      header.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([header, Buffer.from(text)]);
    }),
  );
}

function joined(all: readonly Frame[], stream: 1 | 2): string {
  return all.flatMap((frame) => (frame.stream === stream ? [frame.text] : [])).join("");
}

describe("demux()", () => {
  it("puts each stream together again, whatever the frames are", () => {
    fc.assert(
      fc.property(frames, (all) => {
        expect(demux(encoded(all))).toEqual({ stdout: joined(all, 1), stderr: joined(all, 2) });
      }),
    );
  });

  it("keeps what there is of a frame that was cut off", () => {
    const cut = encoded([{ stream: 1, text: "whole" }]).subarray(0, 10);

    expect(demux(cut)).toEqual({ stdout: "wh", stderr: "" });
  });

  it("has nothing to say of nothing", () => {
    expect(demux(Buffer.alloc(0))).toEqual({ stdout: "", stderr: "" });
  });
});
