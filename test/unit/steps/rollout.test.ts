import { describe, expect, it } from "vitest";

import { rolloutOf, type Workload } from "../../../provider/steps/rollout.ts";

const heard = { silentNodes: 0 };

const daemonSet = (status: object, changes: Partial<Workload> = {}): Workload => ({
  kind: "DaemonSet",
  metadata: { generation: 2 },
  status: { observedGeneration: 2, desiredNumberScheduled: 3, ...status },
  ...changes,
});

const deployment = (status: object): Workload => ({
  kind: "Deployment",
  metadata: { generation: 1 },
  spec: { replicas: 2 },
  status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
});

const done = { done: true, value: undefined };

describe("rolloutOf()", () => {
  it("does not believe a status from before the change", () => {
    const probe = rolloutOf(daemonSet({ observedGeneration: 1, updatedNumberScheduled: 3, numberAvailable: 3 }), heard);

    expect(probe).toEqual({ done: false, lastAnswer: "its controller has not seen the change" });
  });

  it("waits for every pod of a DaemonSet to be as wanted and to run", () => {
    expect(rolloutOf(daemonSet({ updatedNumberScheduled: 3, numberAvailable: 2 }), heard)).toEqual({
      done: false,
      lastAnswer: "of 3 pods 3 are as wanted and 2 run",
    });
    expect(rolloutOf(daemonSet({ updatedNumberScheduled: 3, numberAvailable: 3 }), heard)).toEqual(done);
  });

  it("does not wait for pods on nodes that nobody hears of", () => {
    const workload = daemonSet({ updatedNumberScheduled: 2, numberAvailable: 2 });

    expect(rolloutOf(workload, { silentNodes: 1 })).toEqual(done);
  });

  it("does not wait for pods that somebody will replace by hand", () => {
    const byHand = { spec: { updateStrategy: { type: "OnDelete" } } };

    expect(rolloutOf(daemonSet({ updatedNumberScheduled: 0 }, byHand), heard)).toEqual(done);
  });

  it("waits until the old pods of a Deployment are gone", () => {
    expect(rolloutOf(deployment({ replicas: 3 }), heard)).toEqual({
      done: false,
      lastAnswer: "of 2 pods 2 are as wanted and 2 run, 1 from before not replaced",
    });
    expect(rolloutOf(deployment({}), heard)).toEqual(done);
  });

  it("says why a Deployment gets no pods", () => {
    const conditions = [{ type: "ReplicaFailure", status: "True", message: "exceeded quota" }];

    expect(rolloutOf(deployment({ availableReplicas: 0, conditions }), heard)).toMatchObject({
      lastAnswer: "of 2 pods 2 are as wanted and 0 run; exceeded quota",
    });
  });

  it("ends with an error when a job has failed", () => {
    const job = (type: string): Workload => ({
      kind: "Job",
      metadata: {},
      status: { conditions: [{ type, status: "True", message: "backoff limit exceeded" }] },
    });

    expect(rolloutOf(job("Complete"), heard)).toEqual(done);
    expect(() => rolloutOf(job("Failed"), heard)).toThrow("Cannot wait for the job: backoff limit exceeded");
  });

  it("waits until API servers can ask what pods answer for, and says why they cannot", () => {
    const service = (conditions?: readonly object[]): Workload => ({
      kind: "APIService",
      metadata: { generation: 2 },
      ...(conditions !== undefined && { status: { conditions } }),
    });
    const [type, reason, message] = ["Available", "FailedDiscoveryCheck", "no route to host"];

    expect(rolloutOf(service([{ type, status: "True", reason: "Passed" }]), heard)).toEqual(done);
    expect(rolloutOf(service([{ type, status: "False", reason, message }]), heard)).toEqual({
      done: false,
      lastAnswer: "API servers cannot ask it, FailedDiscoveryCheck: no route to host",
    });
    expect(rolloutOf(service(), heard)).toEqual({ done: false, lastAnswer: "API servers cannot ask it" });
  });
});
