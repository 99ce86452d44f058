/** Makes volumes of the disks of the cluster's own nodes: the provisioner, and the driver that tells how much room it has. */
export const localProvisioner = 'local.kubeling.dev';
