import { describe, expect, it } from "vitest";

import { pullImage } from "../../../provider/steps/pull-image.ts";
import { removeContainer } from "../../../provider/steps/remove-container.ts";
import { restartContainer } from "../../../provider/steps/restart-container.ts";
import { runContainer } from "../../../provider/steps/run-container.ts";
import { aContainer, HYPERKUBE, NODE, oneMachine, standing } from "./on-machines.ts";

describe("pullImage()", () => {
  it("pulls an image that is missing", async () => {
    const { machine, context } = await oneMachine();

    const outcome = await pullImage({ node: NODE, image: HYPERKUBE }).run(context);

    expect(outcome).toBe("changed");
    expect(machine.images.has(HYPERKUBE)).toBe(true);
  });

  it("asks no registry for an image that is there", async () => {
    const { fleet, context } = await oneMachine({ images: [HYPERKUBE] });
    fleet.faults.failPulls("denied");

    const outcome = await pullImage({ node: NODE, image: HYPERKUBE }).run(context);

    expect(outcome).toBe("unchanged");
  });

  it("tries again when the registry has a bad moment", async () => {
    const { fleet, machine, context } = await oneMachine();
    fleet.faults.failPulls("server error", { times: 1 });

    await pullImage({ node: NODE, image: HYPERKUBE }).run({ ...context, sleep: async () => undefined });

    expect(machine.images.has(HYPERKUBE)).toBe(true);
    expect(context.events).toContainEqual(expect.objectContaining({ kind: "retrying", what: `pull ${HYPERKUBE}` }));
  });

  it("does not try again when the image does not exist", async () => {
    const { fleet, context } = await oneMachine();
    fleet.faults.failPulls("not found");

    await expect(pullImage({ node: NODE, image: HYPERKUBE }).run(context)).rejects.toMatchObject({ code: "registry" });
    expect(context.events).toEqual([]);
  });

  it("logs in with the credentials of the registry", async () => {
    const image = "registry.example.com/hyperkube:1";
    const credentials = { username: "me", password: "it is", serveraddress: "registry.example.com" };
    const { machine, context } = await oneMachine({ registries: { "registry.example.com": credentials } });

    await pullImage({ node: NODE, image }).run({ ...context, registryCredentials: async () => credentials });

    expect(machine.images.has(image)).toBe(true);
  });
});

describe("removeContainer()", () => {
  it("ends and removes a container, and what stands aside for it", async () => {
    const { machine, context } = await oneMachine();
    await runContainer({ node: NODE, container: aContainer() }).run(context);
    await runContainer({ node: NODE, container: aContainer({ name: "old-kubelet" }) }).run(context);

    const outcome = await removeContainer({ node: NODE, name: "kubelet" }).run(context);

    expect(outcome).toBe("changed");
    expect(standing(machine)).toEqual([]);
  });

  it("has nothing to do when there is no such container", async () => {
    const { context } = await oneMachine();

    expect(await removeContainer({ node: NODE, name: "kubelet" }).run(context)).toBe("unchanged");
  });

  it("stops a container before it removes it, so that it can end in peace", async () => {
    const { fleet, context } = await oneMachine();
    await runContainer({ node: NODE, container: aContainer() }).run(context);

    await removeContainer({ node: NODE, name: "kubelet" }).run(context);

    expect(fleet.journal.lines({ node: "node-1" }).slice(-2)).toEqual([
      "container stopped kubelet",
      "container removed kubelet",
    ]);
  });
});

describe("restartContainer()", () => {
  const restart = { node: NODE, name: "kubelet", because: "its certificate is new" };

  it("says why", () => {
    expect(restartContainer({ ...restart, sinceMs: 0 }).title).toBe("restart kubelet, because its certificate is new");
  });

  it("restarts a container that was started before", async () => {
    const { fleet, machine, context } = await oneMachine();
    await runContainer({ node: NODE, container: aContainer() }).run(context);

    const outcome = await restartContainer({ ...restart, sinceMs: machine.now() + 1000 }).run(context);

    expect(outcome).toBe("changed");
    expect(fleet.journal.lines({ kind: "container started" })).toHaveLength(2);
  });

  it("leaves a container alone that was started since", async () => {
    const { machine, context } = await oneMachine();
    const sinceMs = machine.now() - 1000;
    await runContainer({ node: NODE, container: aContainer() }).run(context);

    expect(await restartContainer({ ...restart, sinceMs }).run(context)).toBe("unchanged");
  });

  it("starts a container that is stopped", async () => {
    const { machine, context } = await oneMachine();
    await runContainer({ node: NODE, container: aContainer() }).run(context);
    machine.find("kubelet")?.stop();

    await restartContainer({ ...restart, sinceMs: 0 }).run(context);

    expect(standing(machine)).toEqual(["kubelet running"]);
  });

  it("fails when the container is not there", async () => {
    const { context } = await oneMachine();

    await expect(restartContainer({ ...restart, sinceMs: 0 }).run(context)).rejects.toThrow(
      "Cannot restart kubelet on node-1 (10.0.0.1): there is no such container",
    );
  });
});
