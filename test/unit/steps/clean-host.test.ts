import { describe, expect, it } from "vitest";

import { lockName } from "../../../provider/execute/lock-record.ts";
import { cleanHost } from "../../../provider/steps/clean-host.ts";
import { program, runs } from "../../fleet/programs.ts";
import { TOOLS } from "../execute/on-a-fleet.ts";
import { HYPERKUBE, NODE, type OneMachine, oneMachine, standing } from "./on-machines.ts";

const params = { node: NODE, prefixPath: "/", kubernetesImage: HYPERKUBE, toolsImage: TOOLS };
const sleeper = { Image: TOOLS, Entrypoint: ["sleeper"] };
const rkes = (name: string) => ({ ...sleeper, Labels: { "io.rancher.rke.container.name": name } });

async function aUsedMachine(): Promise<OneMachine> {
  const used = await oneMachine();
  const { machine } = used;
  for (const name of ["kubelet", "etcd", "old-kube-proxy"]) machine.create({ name, spec: rkes(name) }).start();
  const pod = { ...sleeper, Labels: { "io.kubernetes.pod.uid": "1" } };
  machine.create({ name: "k8s_web_web-1_default_1_0", spec: pod }).start();
  machine.disk.write("/etc/kubernetes/ssl/kube-ca-key.pem", "key");
  machine.disk.write("/var/lib/etcd/member/snap/db", "{}");
  machine.disk.write("/opt/rke/etcd-snapshots/one.zip", "snapshot");
  return used;
}

describe("cleanHost()", () => {
  it("removes the containers of the cluster and of its pods", async () => {
    const { machine, context } = await aUsedMachine();

    const outcome = await cleanHost(params).run(context);

    expect(outcome).toBe("changed");
    expect(standing(machine)).toEqual([]);
  });

  it("removes the kubelet first, which would make pods again", async () => {
    const { fleet, context } = await aUsedMachine();

    await cleanHost(params).run(context);

    expect(fleet.journal.lines({ kind: "container removed", node: "node-1" })[0]).toBe("container removed kubelet");
  });

  it("empties the directories and keeps the snapshots", async () => {
    const { machine, context } = await aUsedMachine();

    await cleanHost(params).run(context);

    expect(machine.disk.list("/")).toEqual(["/opt/rke/etcd-snapshots/one.zip"]);
  });

  it("keeps etcd's data where that is asked for", async () => {
    const { machine, context } = await aUsedMachine();

    await cleanHost({ ...params, keepEtcdData: true }).run(context);

    expect(machine.disk.list("/var/lib/etcd")).toEqual(["/var/lib/etcd/member/snap/db"]);
  });

  it("empties the directories below a prefix", async () => {
    const { machine, context } = await oneMachine();
    machine.disk.write("/opt/rke/etc/kubernetes/ssl/kube-ca.pem", "ca");

    await cleanHost({ ...params, prefixPath: "/opt/rke" }).run(context);

    expect(machine.disk.list("/")).toEqual([]);
  });

  it("has nothing to do the second time", async () => {
    const { context } = await aUsedMachine();
    await cleanHost(params).run(context);

    expect(await cleanHost(params).run(context)).toBe("unchanged");
  });

  it("touches neither containers of others nor the lock of a run", async () => {
    const { fleet, machine, context } = await aUsedMachine();
    machine.create({ name: "k8s_dashboard", spec: sleeper, isForeign: true }).start("world");
    machine.create({ name: "my-app", spec: sleeper, isForeign: true }).start("world");
    machine.create({ name: lockName, spec: sleeper });

    await cleanHost(params).run(context);

    expect(standing(machine)).toEqual(["k8s_dashboard running", "my-app running", `${lockName} created`]);
    fleet.invariants.assertHeld();
  });

  it("does not take any container called etcd for one of the cluster", async () => {
    const { machine, context } = await oneMachine();
    machine.create({ name: "etcd", spec: sleeper, isForeign: true }).start("world");

    await cleanHost(params).run(context);

    expect(standing(machine)).toEqual(["etcd running"]);
  });

  it("cleans with the image that the machine has from its cluster, and pulls nothing", async () => {
    const { fleet, context } = await aUsedMachine();
    fleet.faults.failPulls("denied");

    expect(await cleanHost(params).run(context)).toBe("changed");
  });

  it("says what could not be removed", async () => {
    const stubborn = program("stubborn", runs("sh"), ({ log }) => {
      log("removed /etc/kubernetes", "stdout");
      log("left /var/lib/kubelet: something is mounted below it", "stdout");
      return 0;
    });
    const { context } = await oneMachine({ programs: [stubborn] });

    await expect(cleanHost(params).run(context)).rejects.toThrow(
      "Cannot clean the machine on node-1 (10.0.0.1): something is left: /var/lib/kubelet: something is mounted below it",
    );
  });

  it.each([1, 2, 4, 6, 7])("is done again by the next run when it is killed after call %i", async (n) => {
    const { fleet, machine, context, again } = await aUsedMachine();
    fleet.faults.dieAfter(n);
    await expect(cleanHost(params).run(context)).rejects.toThrow();
    fleet.revive();

    await cleanHost(params).run(again());

    expect(standing(machine)).toEqual([]);
    expect(machine.disk.list("/")).toEqual(["/opt/rke/etcd-snapshots/one.zip"]);
  });
});
