import { z } from "zod";

import { secret } from "./naming.ts";
import { text, texts } from "./values.ts";

/** Settings of the Cisco ACI plugin. All single values are texts, as in RKE. */
export const aciNetworkProvider = z.strictObject({
  /** Required. Suffix that makes the names of this cluster unique in the fabric. */
  systemId: text(),
  /** Required. Addresses of the APIC controllers. */
  apicHosts: texts(),
  /** Required. Version token of the configuration. */
  token: secret(text()),
  /** Required. External networks of the L3Out. */
  l3outExternalNetworks: texts(),
  /** Required. User at the APIC. */
  apicUserName: text(),
  /** Required. Private key of the user, base64. */
  apicUserKey: secret(text()),
  /** Required. Certificate of the user, base64. */
  apicUserCrt: text(),
  /** Required. `vlan` or `vxlan`. */
  encapType: text(),
  /** Required. First multicast address for OpFlex. */
  mcastRangeStart: text(),
  /** Required. Last multicast address for OpFlex. */
  mcastRangeEnd: text(),
  /** Required. Subnet of the nodes. */
  nodeSubnet: text(),
  /** Required. Attachable entity profile. */
  aep: text(),
  /** Required. VRF of the nodes. */
  vrfName: text(),
  /** Required. Tenant of the VRF. */
  vrfTenant: text(),
  /** Required. L3Out for external traffic. */
  l3out: text(),
  /** Required. Subnets for external addresses given out by the controller, separated by commas. */
  externDynamic: text(),
  /** Required. Subnets for external addresses chosen by users, separated by commas. */
  externStatic: text(),
  /** Required. Subnet of the service graph. */
  nodeSvcSubnet: text(),
  /** Required. VLAN of the API servers. */
  kubeApiVlan: text(),
  /** Required. VLAN of load-balanced services. */
  serviceVlan: text(),
  /** Required. VLAN of the fabric. */
  infraVlan: text(),
  /** Tenant of the cluster. Default: `systemId`. */
  tenant: text(),
  /** Becomes `aci_apic_refresh_time`. Default: 1200. */
  apicRefreshTime: text(),
  /** Becomes `aci_apic_refresh_ticker_adjust`. Default: 0. */
  apicRefreshTickerAdjust: text(),
  /** Becomes `aci_apic_subscription_delay`. Default: 0. */
  apicSubscriptionDelay: text(),
  /** Becomes `aci_apic_connection_retry_limit`. Default: 5. */
  apicConnectionRetryLimit: text(),
  /** Becomes `aci_vmm_domain`. */
  vmmDomain: text(),
  /** Becomes `aci_vmm_controller`. */
  vmmController: text(),
  /** Becomes `aci_ovs_memory_limit`. Default: 1Gi. */
  ovsMemoryLimit: text(),
  /** Becomes `aci_ovs_memory_request`. Default: 128Mi. */
  ovsMemoryRequest: text(),
  /** Becomes `aci_image_pull_policy`. Default: Always. */
  imagePullPolicy: text(),
  /** Becomes `aci_image_pull_secret`. */
  imagePullSecret: text(),
  /** Becomes `aci_server_monitor_interval`. Default: 5. */
  serviceMonitorInterval: text(),
  /** Becomes `aci_pbr_tracking_non_snat`. Default: false. */
  pbrTrackingNonSnat: text(),
  /** Becomes `aci_install_istio`. Default: false. */
  installIstio: text(),
  /** Becomes `aci_istio_profile`. Default: demo. */
  istioProfile: text(),
  /** Becomes `aci_drop_log_enable`. Default: true. */
  dropLogEnable: text(),
  /** Becomes `aci_drop_log_disable_events`. Default: false. */
  dropLogDisableEvents: text(),
  /** Becomes `aci_controller_log_level`. Default: info. */
  controllerLogLevel: text(),
  /** Becomes `aci_host_agent_log_level`. Default: info. */
  hostAgentLogLevel: text(),
  /** Becomes `aci_opflex_agent_log_level`. Default: info. */
  opflexLogLevel: text(),
  /** Becomes `aci_snat_namespace`. Default: aci-containers-system. */
  snatNamespace: text(),
  /** Becomes `aci_use_aci_cni_priority_class`. Default: false. */
  useAciCniPriorityClass: text(),
  /** Becomes `aci_no_priority_class`. Default: false. */
  noPriorityClass: text(),
  /** Becomes `aci_use_system_node_priority_class`. Default: false. */
  useSystemNodePriorityClass: text(),
  /** Becomes `aci_max_nodes_svc_graph`. Default: 32. */
  maxNodesSvcGraph: text(),
  /** Becomes `aci_snat_contract_scope`. Default: global. */
  snatContractScope: text(),
  /** Becomes `aci_pod_subnet_chunk_size`. Default: 32. */
  podSubnetChunkSize: text(),
  /** Becomes `aci_snat_port_range_start`. Default: 5000. */
  snatPortRangeStart: text(),
  /** Becomes `aci_snat_port_range_end`. Default: 65000. */
  snatPortRangeEnd: text(),
  /** Becomes `aci_snat_ports_per_node`. Default: 3000. */
  snatPortsPerNode: text(),
  /** Becomes `aci_sleep_time_snat_global_info_sync`. Default: 0. */
  sleepTimeSnatGlobalInfoSync: text(),
  /** Becomes `aci_disable_periodic_snat_global_info_sync`. Default: false. */
  disablePeriodicSnatGlobalInfoSync: text(),
  /** Becomes `aci_enable_endpoint_slice`. Default: false. */
  enableEndpointSlice: text(),
  /** Becomes `aci_opflex_client_ssl`. Default: true. */
  opflexClientSsl: text(),
  /** Becomes `aci_use_privileged_container`. Default: false. */
  usePrivilegedContainer: text(),
  /** Becomes `aci_opflex_device_delete_timeout`. Default: 0. */
  opflexDeviceDeleteTimeout: text(),
  /** Becomes `aci_opflex_device_reconnect_wait_timeout`. */
  opflexDeviceReconnectWaitTimeout: text(),
  /** Becomes `aci_duration_wait_for_network`. Default: 210. */
  durationWaitForNetwork: text(),
  /** Becomes `aci_disable_wait_for_network`. Default: false. */
  disableWaitForNetwork: text(),
  /** Becomes `aci_use_cluster_role`. Default: true. */
  useClusterRole: text(),
  /** Becomes `aci_no_wait_for_service_ep_readiness`. Default: false. */
  noWaitForServiceEpReadiness: text(),
  /** Becomes `aci_mtu_head_room`. Default: 0. */
  mtuHeadRoom: text(),
  /** Becomes `aci_node_pod_if_enable`. Default: false. */
  nodePodIfEnable: text(),
  /** Becomes `aci_sriov_enable`. Default: false. */
  sriovEnable: text(),
  /** Becomes `aci_multus_disable`. Default: true. */
  multusDisable: text(),
  /** Becomes `aci_add_external_subnets_to_rdconfig`. Default: false. */
  addExternalSubnetsToRdconfig: text(),
  /** Becomes `aci_hpp_optimization`. Default: false. */
  hppOptimization: text(),
  /** Becomes `aci_service_graph_endpoint_add_delay`. Default: 0. */
  serviceGraphEndpointAddDelay: text(),
  /** Entries of the ACI configuration, as they are. */
  serviceGraphEndpointAddServices: z.array(z.record(z.string(), z.string())).optional(),
  /** Becomes `aci_opflex_agent_opflex_asyncjson_enabled`. Default: false. */
  opflexAgentOpflexAsyncjsonEnabled: text(),
  /** Becomes `aci_opflex_agent_ovs_asyncjson_enabled`. Default: false. */
  opflexAgentOvsAsyncjsonEnabled: text(),
  /** Becomes `aci_opflex_agent_policy_retry_delay_timer`. Default: 10. */
  opflexAgentPolicyRetryDelayTimer: text(),
  /** Becomes `aci_opflex_agent_statistics`. Default: true. */
  opflexAgentStatistics: text(),
  /** Becomes `aci_opflex_agent_reset_wait_delay`. */
  opflexAgentResetWaitDelay: text(),
  /** Becomes `aci_opflex_openssl_compat`. Default: false. */
  opflexOpensslCompat: text(),
  /** Becomes `aci_opflex_startup_enabled`. Default: false. */
  opflexStartupEnabled: text(),
  /** Becomes `aci_opflex_startup_policy_duration`. Default: 60. */
  opflexStartupPolicyDuration: text(),
  /** Becomes `aci_opflex_startup_resolve_aft_conn`. Default: false. */
  opflexStartupResolveAftConn: text(),
  /** Becomes `aci_opflex_switch_sync_delay`. Default: 5. */
  opflexSwitchSyncDelay: text(),
  /** Becomes `aci_opflex_switch_sync_dynamic`. Default: 10. */
  opflexSwitchSyncDynamic: text(),
  /** Becomes `aci_aci_multipod`. Default: false. */
  aciMultipod: text(),
  /** Becomes `aci_aci_multipod_ubuntu`. Default: false. */
  aciMultipodUbuntu: text(),
  /** Becomes `aci_dhcp_delay`. Default: 0. */
  dhcpDelay: text(),
  /** Becomes `aci_dhcp_renew_max_retry_count`. Default: 0. */
  dhcpRenewMaxRetryCount: text(),
  /** Becomes `aci_toleration_seconds`. Default: 600. */
  tolerationSeconds: text(),
  /** Becomes `aci_disable_hpp_rendering`. Default: false. */
  disableHppRendering: text(),
  /** Becomes `aci_enable_hpp_direct`. Default: false. */
  enableHppDirect: text(),
  /** Becomes `aci_taint_not_ready_node`. Default: false. */
  taintNotReadyNode: text(),
  /** Becomes `aci_unknown_mac_unicast_action`. */
  unknownMacUnicastAction: text(),
  /** Becomes `aci_add_external_contract_to_default_epg`. Default: false. */
  addExternalContractToDefaultEpg: text(),
  /** Becomes `aci_enable_opflex_agent_reconnect`. Default: false. */
  enableOpflexAgentReconnect: text(),
  /** Becomes `aci_aci_containers_memory_request`. Default: 128Mi. */
  aciContainersMemoryRequest: text(),
  /** Becomes `aci_aci_containers_memory_limit`. Default: 3Gi. */
  aciContainersMemoryLimit: text(),
  /** Becomes `aci_aci_containers_controller_memory_request`. */
  aciContainersControllerMemoryRequest: text(),
  /** Becomes `aci_aci_containers_controller_memory_limit`. */
  aciContainersControllerMemoryLimit: text(),
  /** Becomes `aci_aci_containers_host_memory_request`. */
  aciContainersHostMemoryRequest: text(),
  /** Becomes `aci_aci_containers_host_memory_limit`. */
  aciContainersHostMemoryLimit: text(),
  /** Becomes `aci_mcast_daemon_memory_request`. */
  mcastDaemonMemoryRequest: text(),
  /** Becomes `aci_mcast_daemon_memory_limit`. */
  mcastDaemonMemoryLimit: text(),
  /** Becomes `aci_opflex_agent_memory_request`. */
  opflexAgentMemoryRequest: text(),
  /** Becomes `aci_opflex_agent_memory_limit`. */
  opflexAgentMemoryLimit: text(),
  /** Entries of the ACI configuration, as they are. */
  nodeSnatRedirectExclude: z.array(z.record(z.string(), z.string())).optional(),
  /** Only for clouds, which RKE does not support: must stay false. */
  useOpflexServerVolume: text(),
  /** Only for clouds, which RKE does not support: must stay false. */
  useHostNetnsVolume: text(),
  /** Only for clouds, which RKE does not support: must stay false. */
  capic: text(),
  /** Only for clouds, which RKE does not support: must stay false. */
  runGbpContainer: text(),
  /** Only for clouds, which RKE does not support: must stay false. */
  runOpflexServerContainer: text(),
  /** Only for clouds, which RKE does not support: must stay empty. */
  epRegistry: text(),
  /** Only for clouds, which RKE does not support: must stay empty. */
  opflexMode: text(),
  /** Only for clouds, which RKE does not support: must stay empty. */
  subnetDomainName: text(),
  /** Only for clouds, which RKE does not support: must stay empty. */
  kafkaClientCrt: text(),
  /** Only for clouds, which RKE does not support: must stay empty. */
  kafkaClientKey: text(),
  /** Only for clouds, which RKE does not support: must stay empty. */
  overlayVrfName: text(),
  /** Only for clouds, which RKE does not support: must stay empty. */
  gbpPodSubnet: text(),
  /** Only for clouds, which RKE does not support: must stay empty. */
  opflexServerPort: text(),
  /** Becomes `aci_use_aci_anywhere_crd`. Default: false. */
  useAciAnywhereCrd: text(),
  /** Entries of the ACI configuration, as they are. */
  kafkaBrokers: texts(),
  /** Becomes `aci_proactive_conf`. Default: false. */
  proactiveConf: text(),
  /** Becomes `aci_epg_resolve_prioritize`. Default: true. */
  epgResolvePrioritize: text(),
  /** Becomes `aci_force_ep_undeclares`. Default: true. */
  forceEpUndeclares: text(),
  /** Becomes `aci_enable_apic_request_retry_delay`. Default: true. */
  enableApicRequestRetryDelay: text(),
  /** Becomes `aci_apic_request_retry_delay`. Default: 2. */
  apicRequestRetryDelay: text(),
  /** Becomes `aci_drop_log_opflex_redirect_drop_logs`. */
  dropLogOpflexRedirectDropLogs: text(),
});
