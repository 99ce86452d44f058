/** Where a node keeps volumes. Each is a folder with the volume's name. */
export interface VolumeFolders {
  /** Makes the folder of a volume, for everyone to write into; one that is there is kept as it is. Answers its path. */
  make(volume: string): Promise<string>;
  /** Removes the folder of a volume with all that is in it. One that is gone is no error. */
  remove(volume: string): Promise<void>;
  /** How much all volumes together may hold, in bytes. */
  capacity(): Promise<number>;
}
