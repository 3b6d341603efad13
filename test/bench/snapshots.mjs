// What the benchmarks of snapshots have in common.

/** What lies beside a database in its archive. */
export const manifest = {
  version: 1,
  name: "bench",
  takenAt: "2026-11-21T08:00:00.000Z",
  clusterId: "0",
  clusterName: "bench",
  kubernetesVersion: "v1.32.6-rancher1-1",
  etcdVersion: "3.5.21",
  revision: 1,
  totalKeys: 1,
};

export async function timed(deed) {
  const started = performance.now();
  const value = await deed();
  return { value, ms: Math.round(performance.now() - started) };
}

/** The most memory that this process has had. */
export const rssMb = () => Math.round(process.resourceUsage().maxRSS / 1024);
