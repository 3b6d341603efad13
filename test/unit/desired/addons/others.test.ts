import { describe, expect, it } from "vitest";

import { anAddon, objectOf, podOf } from "./an-addon.ts";

describe("metricsServer()", () => {
  it("takes flags, replicas and a place", () => {
    const addon = anAddon("metrics-server", {
      monitoring: { replicas: 3, options: { v: "4" }, nodeSelector: { m: "s" }, metricsServerPriorityClassName: "low" },
    });

    expect(objectOf(addon, "Deployment", "metrics-server").spec.replicas).toBe(3);
    const pod = podOf(addon, "Deployment", "metrics-server");
    expect(pod.containers[0].args.at(-1)).toBe("--v=4");
    expect(pod).toMatchObject({ nodeSelector: { m: "s" }, priorityClassName: "low" });
  });
});

const controllerOf = (ingress: object) =>
  podOf(anAddon("ingress-nginx", { ingress }), "DaemonSet", "nginx-ingress-controller");

describe("ingressNginx()", () => {
  it("opens the ports of the machine that are asked for", () => {
    const [{ ports }] = controllerOf({ httpPort: 8080, httpsPort: 8443 }).containers;

    expect(ports).toMatchObject([
      { name: "http", containerPort: 80, hostPort: 8080 },
      { name: "https", containerPort: 443, hostPort: 8443 },
      { name: "webhook" },
    ]);
  });

  it("opens no port of the machine on a network of its own", () => {
    const pod = controllerOf({ networkMode: "none" });

    expect(pod).not.toHaveProperty("hostNetwork");
    expect(JSON.stringify(pod.containers[0].ports)).not.toContain("hostPort");
  });

  it("hands on variables, volumes and mounts as they are", () => {
    const extraEnvs = [{ name: "TZ", value: "UTC" }];
    const extraVolumes = [{ name: "logs", hostPath: { path: "/var/log/nginx" } }];
    const extraVolumeMounts = [{ name: "logs", mountPath: "/var/log/nginx" }];

    const pod = controllerOf({ extraEnvs, extraVolumes, extraVolumeMounts, dnsPolicy: "ClusterFirst" });

    expect(pod.containers[0].env).toContainEqual(extraEnvs[0]);
    expect(pod.containers[0].volumeMounts).toContainEqual(extraVolumeMounts[0]);
    expect(pod.volumes).toContainEqual(extraVolumes[0]);
    expect(pod.dnsPolicy).toBe("ClusterFirst");
  });

  it("serves Ingresses without a class unless it is told not to", () => {
    const flag = ({ containers: [{ args }] }: ReturnType<typeof controllerOf>) =>
      args.filter((arg: string) => arg.includes("watch-ingress-without-class"));

    expect(flag(controllerOf({}))).toEqual(["--watch-ingress-without-class=true"]);
    expect(flag(controllerOf({ extraArgs: { "watch-ingress-without-class": "false" } }))).toEqual([
      "--watch-ingress-without-class=false",
    ]);
  });

  it("deploys the default backend with the tolerations that are given, and leads to it", () => {
    const tolerations = [{ key: "x", operator: "Exists" }];
    const ingress = { defaultBackend: true, tolerations };
    const addon = anAddon("ingress-nginx", { ingress });

    expect(podOf(addon, "Deployment", "default-http-backend").tolerations).toEqual(tolerations);
    expect(controllerOf(ingress).containers[0].args).toContain(
      "--default-backend-service=$(POD_NAMESPACE)/default-http-backend",
    );
  });

  it("puts the entries of the ConfigMap where the controller looks for them", () => {
    const addon = anAddon("ingress-nginx", { ingress: { options: { "use-gzip": "true" } } });

    expect(objectOf(addon, "ConfigMap", "ingress-nginx-controller").data).toEqual({ "use-gzip": "true" });
  });

  it("sends the API server's questions to the port on which the webhook listens", () => {
    const addon = anAddon("ingress-nginx");
    const [{ clientConfig }] = objectOf(addon, "ValidatingWebhookConfiguration", "ingress-nginx-admission").webhooks;
    const asked = objectOf(addon, "Service", clientConfig.service.name).spec;
    const [{ ports }] = podOf(addon, "DaemonSet", "nginx-ingress-controller").containers;

    expect(asked.ports[0]).toMatchObject({ port: clientConfig.service.port });
    expect(ports.map(({ name }: { name: string }) => name)).toContain(asked.ports[0].targetPort);
  });
});
