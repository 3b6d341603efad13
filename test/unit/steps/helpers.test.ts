import { describe, expect, it } from "vitest";

import { checkPorts } from "../../../provider/steps/check-ports.ts";
import { measureFsync } from "../../../provider/steps/measure-fsync.ts";
import { helperLabel } from "../../../provider/steps/our-containers.ts";
import { prepareEtcdDirectory } from "../../../provider/steps/prepare-etcd-directory.ts";
import { removeFiles } from "../../../provider/steps/remove-files.ts";
import { startListeners } from "../../../provider/steps/start-listeners.ts";
import { stopListeners } from "../../../provider/steps/stop-listeners.ts";
import { aTestFleet, contextOn, TOOLS } from "../execute/on-a-fleet.ts";
import { NODE, oneMachine, standing } from "./on-machines.ts";

const image = TOOLS;

describe("checkPorts()", () => {
  const targets = [
    { address: "10.0.0.2", port: 2379 },
    { address: "10.0.0.2", port: 2380 },
  ];

  it("is content when all ports can be reached", async () => {
    const context = contextOn(await aTestFleet());
    await startListeners({ node: "10.0.0.2", ports: [2379, 2380], image }).run(context);

    expect(await checkPorts({ node: NODE, targets, image }).run(context)).toBe("unchanged");
  });

  it("names all ports that cannot be reached", async () => {
    const context = contextOn(await aTestFleet());
    await startListeners({ node: "10.0.0.2", ports: [2379], image }).run(context);

    const checking = checkPorts({ node: NODE, targets: [...targets, { address: "10.0.0.3", port: 1 }], image });

    await expect(checking.run(context)).rejects.toThrow(
      "Cannot reach other nodes on node-1 (10.0.0.1): no connection to 10.0.0.2 port 2380, 10.0.0.3 port 1",
    );
  });

  it("notices that two machines are kept apart", async () => {
    const fleet = await aTestFleet();
    const context = contextOn(fleet);
    await startListeners({ node: "10.0.0.2", ports: [2379, 2380], image }).run(context);
    fleet.network.partition("node-1", "node-2");

    await expect(checkPorts({ node: NODE, targets, image }).run(context)).rejects.toMatchObject({ code: "unsafe" });
  });
});

describe("startListeners()", () => {
  it("listens where nothing listens yet", async () => {
    const { machine, context } = await oneMachine();
    machine.listen(22, { owner: "sshd", accept: (socket) => socket.end() });

    await startListeners({ node: NODE, ports: [22, 2379], image }).run(context);

    expect([...machine.listeners].map(([port, { owner }]) => [port, owner])).toEqual([
      [22, "sshd"],
      [2379, "pulumi-rke-listener"],
    ]);
  });

  it("takes the place of one that a killed run has left", async () => {
    const { machine, context, again } = await oneMachine();
    await startListeners({ node: NODE, ports: [2379], image }).run(context);

    await startListeners({ node: NODE, ports: [2380], image }).run(again());

    expect([...machine.listeners.keys()]).toEqual([2380]);
  });

  it("marks its container as ours, and leaves its removal to Docker when nobody comes", async () => {
    const { machine, context } = await oneMachine();

    await startListeners({ node: NODE, ports: [2379], image }).run(context);

    expect(machine.find("pulumi-rke-listener")?.spec).toMatchObject({
      Labels: { [helperLabel]: "pulumi-rke-listener" },
      HostConfig: { AutoRemove: true },
    });
  });
});

describe("stopListeners()", () => {
  it("gives the ports back", async () => {
    const { machine, context } = await oneMachine();
    await startListeners({ node: NODE, ports: [2379], image }).run(context);

    const outcome = await stopListeners({ node: NODE }).run(context);

    expect(outcome).toBe("changed");
    expect(machine.listeners.size).toBe(0);
  });

  it("has nothing to do when nobody listens", async () => {
    const { context } = await oneMachine();

    expect(await stopListeners({ node: NODE }).run(context)).toBe("unchanged");
  });
});

describe("prepareEtcdDirectory()", () => {
  const directory = { node: NODE, prefixPath: "/", uid: 0, gid: 0, image };
  const leftover = "/var/lib/etcd/member/snap/db";

  it("keeps what a member has written", async () => {
    const { machine, context } = await oneMachine();
    machine.disk.write(leftover, "{}");

    const outcome = await prepareEtcdDirectory(directory).run(context);

    expect(outcome).toBe("unchanged");
    expect(machine.disk.read(leftover)).toBeDefined();
  });

  it("empties the directory for a member that joins", async () => {
    const { machine, context } = await oneMachine();
    machine.disk.write(leftover, "{}");

    const outcome = await prepareEtcdDirectory({ ...directory, isFresh: true }).run(context);

    expect(outcome).toBe("changed");
    expect(machine.disk.list("/var/lib/etcd")).toEqual([]);
  });

  it("refuses to empty the directory of an etcd that runs", async () => {
    const { machine, context } = await oneMachine();
    machine.create({ name: "etcd", spec: { Image: TOOLS, Entrypoint: ["sleeper"] } }).start();
    machine.disk.write(leftover, "{}");

    const preparing = prepareEtcdDirectory({ ...directory, isFresh: true }).run(context);

    await expect(preparing).rejects.toMatchObject({ code: "unsafe" });
    expect(machine.disk.read(leftover)).toBeDefined();
  });

  it("leaves no container behind", async () => {
    const { machine, context } = await oneMachine();

    await prepareEtcdDirectory(directory).run(context);

    expect(standing(machine)).toEqual([]);
  });
});

describe("measureFsync()", () => {
  it("says nothing about a disk that is fast enough", async () => {
    const { context } = await oneMachine();

    await measureFsync({ node: NODE, prefixPath: "/", image }).run(context);

    expect(context.events).toEqual([]);
  });

  it("tells about a disk that is too slow for etcd", async () => {
    const { machine, context } = await oneMachine();
    machine.fsyncMs = 80;

    await measureFsync({ node: NODE, prefixPath: "/", image }).run(context);

    expect(context.events).toEqual([
      {
        kind: "notice",
        text: "node-1 (10.0.0.1): a write to etcd's disk takes 80 ms; etcd wants 10 ms. Give /var/lib/etcd a faster disk",
      },
    ]);
  });
});

describe("removeFiles()", () => {
  const path = "/etc/kubernetes/ssl/kube-ca-key.pem";

  it("removes files that are there", async () => {
    const { machine, context } = await oneMachine();
    machine.disk.write(path, "key");

    const outcome = await removeFiles({ node: NODE, prefixPath: "/", image, paths: [path] }).run(context);

    expect(outcome).toBe("changed");
    expect(machine.disk.read(path)).toBeUndefined();
  });

  it("has nothing to do when they are gone", async () => {
    const { context } = await oneMachine();

    expect(await removeFiles({ node: NODE, prefixPath: "/", image, paths: [path] }).run(context)).toBe("unchanged");
  });

  it("refuses paths of others", async () => {
    const { context } = await oneMachine();

    const removing = removeFiles({ node: NODE, prefixPath: "/", image, paths: ["/etc/passwd"] }).run(context);

    await expect(removing).rejects.toMatchObject({ code: "internal" });
  });
});
