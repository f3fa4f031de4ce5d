namespace MsVit.MLNet.Events;

/// <summary>The storage format of an event recording.</summary>
public enum EventFormat
{
    /// <summary>AEDAT 1.0 of early jAER: big-endian, 6 bytes per event, DVS128 only.</summary>
    Aedat1,

    /// <summary>AEDAT 2.0 of jAER: big-endian, 8 bytes per event. Used by CIFAR10-DVS.</summary>
    Aedat2,

    /// <summary>AEDAT 3.1 of cAER: packets of little-endian events. Used by DVS128 Gesture.</summary>
    Aedat31,

    /// <summary>AEDAT 4.0 of DV: FlatBuffers in packets, uncompressed or compressed with LZ4 or Zstandard.</summary>
    Aedat4,

    /// <summary>5 bytes per event, without a header. Used by N-MNIST and N-Caltech101 (.bin), and by SLAYER as .bs2.</summary>
    Atis,

    /// <summary>Prophesee DAT: little-endian, 8 bytes per event. Used by N-CARS.</summary>
    Dat,

    /// <summary>Prophesee RAW, EVT 2.0: 32-bit words.</summary>
    Evt2,

    /// <summary>Prophesee RAW, EVT 3.0: 16-bit words.</summary>
    Evt3,

    /// <summary>A NumPy archive with the arrays t, x, y and p, as spikingjelly writes it.</summary>
    Npz,

    /// <summary>A NumPy array of shape [N, 4], or a structured one with the fields t, x, y and p.</summary>
    Npy,

    /// <summary>Text: one event per row, with columns separated by commas, semicolons, tabs or spaces.</summary>
    Text,
}
