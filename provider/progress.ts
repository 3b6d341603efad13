/** What is told about a run while it goes on; printers and tests listen to it. */
export type RunEvent =
  | { readonly kind: "phase-started"; readonly phase: string; readonly index: number; readonly count: number }
  | { readonly kind: "phase-finished"; readonly phase: string; readonly tookMs: number }
  | { readonly kind: "step-started"; readonly step: string; readonly node?: string }
  | {
      readonly kind: "step-finished";
      readonly step: string;
      readonly node?: string;
      readonly outcome: Outcome;
      readonly tookMs: number;
    }
  | { readonly kind: "step-failed"; readonly step: string; readonly node?: string; readonly because: string }
  /** Sent when a wait begins to be long, and again from time to time, with what was last answered. */
  | {
      readonly kind: "waiting";
      readonly for: string;
      readonly node?: string;
      readonly lastAnswer: string;
      readonly elapsedMs: number;
    }
  | {
      readonly kind: "retrying";
      readonly what: string;
      readonly node?: string;
      readonly because: string;
      readonly attempt: number;
    }
  /** Anything else a person should read: a run that is resumed, a lock that was taken over. */
  | { readonly kind: "notice"; readonly text: string };

/** Whether a step found something to do. */
export type Outcome = "changed" | "unchanged";

export type Listener = (event: RunEvent) => void;
