import { describe, expect, it } from "vitest";

import { vsphereConfig } from "../../../../provider/desired/files/vsphere-config.ts";

describe("vsphereConfig()", () => {
  it("vsphereConfig() writes several centers in the order of their addresses", () => {
    const text = vsphereConfig({
      global: { user: "u", insecureFlag: true, vmName: "n" },
      virtualCenter: {
        "vc2.example.com": { user: "u2", password: "p2", port: "443" },
        "vc1.example.com": { user: "u1", password: 'p"1', datacenters: "/dc", soapRoundtripCount: 3 },
      },
      workspace: { server: "vc1.example.com" },
      disk: { scsicontrollertype: "pvscsi" },
      network: { publicNetwork: "VM Network" },
    });

    expect(text).toMatchInlineSnapshot(`
      "
      [Global]
      user = "u"
      password = ""
      insecure-flag = "true"
      soap-roundtrip-count = "0"
      vm-name = "n"


      [VirtualCenter "vc1.example.com"]
              user = "u1"
              password = "p"1"
              datacenters = "/dc"
              soap-roundtrip-count = "3"
      [VirtualCenter "vc2.example.com"]
              user = "u2"
              password = "p2"
              port = "443"
              soap-roundtrip-count = "0"

      [Workspace]
              server = "vc1.example.com"
              datacenter = ""
              folder = ""
              default-datastore = ""
              resourcepool-path = ""

      [Disk]
              scsicontrollertype = pvscsi

      [Network]
              public-network = "VM Network"
      "
    `);
  });

  it("vsphereConfig() keeps its layout when nothing is given", () => {
    expect(vsphereConfig({})).toMatchInlineSnapshot(`
      "
      [Global]
      user = ""
      password = ""
      insecure-flag = "false"
      soap-roundtrip-count = "0"



      [Workspace]
              server = ""
              datacenter = ""
              folder = ""
              default-datastore = ""
              resourcepool-path = ""

      [Disk]

      [Network]
      "
    `);
  });
});
