import { describe, expect, it } from "vitest";

import { specHashLabel } from "../../../provider/desired/container-spec.ts";
import { runContainer } from "../../../provider/steps/run-container.ts";
import { aContainer, NODE, oneMachine, standing } from "./on-machines.ts";

const before = aContainer();
const after = aContainer({ env: ["A=1"] });

describe("runContainer()", () => {
  it("says what it runs and from which image", () => {
    const step = runContainer({ node: NODE, container: before });

    expect(step).toMatchObject({ title: "run kubelet (rancher/rke-tools:v0.1.114)", node: NODE });
  });

  it("may start beside others on a machine that is new, but not before what carries their volumes", () => {
    const sidekick = aContainer({ name: "service-sidekick" }, { starts: false });

    expect(runContainer({ node: NODE, container: before, isNew: true }).alongside).toBe("starts");
    expect(runContainer({ node: NODE, container: before }).alongside).toBeUndefined();
    expect(runContainer({ node: NODE, container: sidekick, isNew: true }).alongside).toBeUndefined();
  });

  it("makes and starts a container that is not there", async () => {
    const { machine, context } = await oneMachine();

    const outcome = await runContainer({ node: NODE, container: before }).run(context);

    expect(outcome).toBe("changed");
    expect(standing(machine)).toEqual(["kubelet running"]);
  });

  it("labels a container with the hash of its spec and keeps RKE's label", async () => {
    const { machine, context } = await oneMachine();

    await runContainer({ node: NODE, container: before }).run(context);

    expect(machine.find("kubelet")?.spec.Labels).toEqual({
      "io.rancher.rke.container.name": "kubelet",
      [specHashLabel]: before.hash,
    });
  });

  it("pulls an image that is missing", async () => {
    const { machine, context } = await oneMachine({ images: [] });

    await runContainer({ node: NODE, container: before }).run(context);

    expect(machine.images.has(before.spec.image)).toBe(true);
  });

  it("asks for no more than it needs where there is none", async () => {
    const { fleet, machine, context } = await oneMachine();
    await context.docker(NODE).version();
    const before = fleet.trips.count({ layer: "docker" });

    await runContainer({ node: NODE, container: aContainer(), isNew: true }).run(context);

    expect(standing(machine)).toEqual(["kubelet running"]);
    expect(
      fleet.trips.all
        .filter(({ layer }) => layer === "docker")
        .map(({ what }) => what)
        .slice(before),
    ).toEqual([
      expect.stringMatching(/old-kubelet|create/),
      expect.stringMatching(/old-kubelet|create/),
      "POST /containers/kubelet/start",
    ]);
  });

  it("takes up what is there where none was expected", async () => {
    const { machine, context, again } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);

    const same = await runContainer({ node: NODE, container: before, isNew: true }).run(again());
    const other = await runContainer({ node: NODE, container: after, isNew: true }).run(again());

    expect([same, other]).toEqual(["unchanged", "changed"]);
    expect(machine.find("kubelet")?.spec.Labels?.[specHashLabel]).toBe(after.hash);
    expect(standing(machine)).toEqual(["kubelet running"]);
  });

  it("takes the place of one that stands aside where none was expected", async () => {
    const { machine, context, again } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);
    await context.docker(NODE).rename("kubelet", "old-kubelet");

    await runContainer({ node: NODE, container: after, isNew: true }).run(again());

    expect(standing(machine)).toEqual(["kubelet running"]);
    expect(machine.find("kubelet")?.spec.Labels?.[specHashLabel]).toBe(after.hash);
  });

  it("pulls an image that is missing where no container was expected", async () => {
    const { machine, context } = await oneMachine({ images: [] });

    await runContainer({ node: NODE, container: before, isNew: true }).run(context);

    expect(standing(machine)).toEqual(["kubelet running"]);
  });

  it("leaves a container alone that runs with the same hash", async () => {
    const { fleet, context } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);
    const seen = fleet.journal.events.length;

    const outcome = await runContainer({ node: NODE, container: before }).run(context);

    expect(outcome).toBe("unchanged");
    expect(fleet.journal.events).toHaveLength(seen);
  });

  it("starts a container that has the right hash and was stopped", async () => {
    const { machine, context } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);
    machine.find("kubelet")?.stop();

    const outcome = await runContainer({ node: NODE, container: before }).run(context);

    expect(outcome).toBe("changed");
    expect(standing(machine)).toEqual(["kubelet running"]);
  });

  it("only creates a container that carries nothing but a volume", async () => {
    const { machine, context } = await oneMachine();
    const sidekick = aContainer({ name: "service-sidekick" }, { starts: false });

    await runContainer({ node: NODE, container: sidekick }).run(context);
    const outcome = await runContainer({ node: NODE, container: sidekick }).run(context);

    expect(standing(machine)).toEqual(["service-sidekick created"]);
    expect(outcome).toBe("unchanged");
  });

  it("makes the replacement before it stops what runs", async () => {
    const { fleet, context } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);
    const seen = fleet.journal.events.length;

    await runContainer({ node: NODE, container: after }).run(context);

    expect(fleet.journal.lines({ node: "node-1" }).slice(seen)).toEqual([
      "container renamed kubelet → old-kubelet",
      "container created kubelet",
      "container stopped old-kubelet",
      "container started kubelet",
      "container removed old-kubelet",
    ]);
  });

  it("replaces a container of the same name that rke has made", async () => {
    const { machine, context } = await oneMachine();
    machine.create({ name: "kubelet", spec: { Image: before.spec.image, Entrypoint: ["sleeper"] } }).start();

    const outcome = await runContainer({ node: NODE, container: before }).run(context);

    expect(outcome).toBe("changed");
    expect(machine.find("kubelet")?.spec.Labels?.[specHashLabel]).toBe(before.hash);
  });

  it.each([1, 2, 3, 4, 5])(
    "is taken up by the next run when it is killed after call %i of a replacement",
    async (n) => {
      const { fleet, machine, context, again } = await oneMachine();
      await runContainer({ node: NODE, container: before }).run(context);
      fleet.faults.dieAfter(n);
      await expect(runContainer({ node: NODE, container: after }).run(context)).rejects.toThrow();
      fleet.revive();

      await runContainer({ node: NODE, container: after }).run(again());

      expect(standing(machine)).toEqual(["kubelet running"]);
      expect(machine.find("kubelet")?.spec.Labels?.[specHashLabel]).toBe(after.hash);
    },
  );

  it.each([1, 2, 3, 4])("replaces by another spec what a run killed after call %i has left", async (n) => {
    const { fleet, machine, context, again } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);
    fleet.faults.dieAfter(n);
    await expect(runContainer({ node: NODE, container: after }).run(context)).rejects.toThrow();
    fleet.revive();
    const third = aContainer({ env: ["A=2"] });

    await runContainer({ node: NODE, container: third }).run(again());

    expect(standing(machine)).toEqual(["kubelet running"]);
    expect(machine.find("kubelet")?.spec.Labels?.[specHashLabel]).toBe(third.hash);
  });

  it("lets a container go on when its replacement cannot be made", async () => {
    const { fleet, machine, context } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);
    fleet.faults.refuse(400, "invalid mount config", { what: /containers\/create/ });

    const running = runContainer({ node: NODE, container: after }).run(context);

    await expect(running).rejects.toThrow("invalid mount config");
    expect(standing(machine)).toEqual(["kubelet running"]);
    expect(fleet.journal.lines({ kind: "container stopped" })).toEqual([]);
  });

  it("puts a container back when its replacement cannot be started", async () => {
    const { machine, context } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);
    const broken = aContainer({ entrypoint: ["/nowhere"] });

    const running = runContainer({ node: NODE, container: broken }).run(context);

    await expect(running).rejects.toThrow(/executable file not found.*the kubelet that ran before runs again/s);
    expect(machine.find("kubelet")?.spec.Labels?.[specHashLabel]).toBe(before.hash);
    expect(standing(machine)).toEqual(["kubelet running"]);
  });

  it("touches nothing when the image cannot be pulled", async () => {
    const { fleet, machine, context } = await oneMachine();
    await runContainer({ node: NODE, container: before }).run(context);
    fleet.faults.failPulls("not found");

    const running = runContainer({ node: NODE, container: aContainer({ image: "rancher/none:1" }) }).run(context);

    await expect(running).rejects.toMatchObject({ code: "registry" });
    expect(standing(machine)).toEqual(["kubelet running"]);
  });
});
