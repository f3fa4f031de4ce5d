namespace MsVit.MLNet.Events;

/// <summary>How a recording of events is stored.</summary>
public enum EventFormat
{
    /// <summary>AEDAT 1.0 of early jAER: big-endian, 6 bytes an event; DVS128 alone.</summary>
    Aedat1,

    /// <summary>AEDAT 2.0 of jAER: big-endian, 8 bytes an event. CIFAR10-DVS is stored so.</summary>
    Aedat2,

    /// <summary>AEDAT 3.1 of cAER: packets of little-endian events. DVS128 Gesture is stored so.</summary>
    Aedat31,

    /// <summary>AEDAT 4.0 of DV: FlatBuffers in packets, plain or packed with LZ4 or Zstandard.</summary>
    Aedat4,

    /// <summary>5 bytes an event, without a header. N-MNIST and N-Caltech101 are stored so (.bin); SLAYER calls it .bs2.</summary>
    Atis,

    /// <summary>Prophesee DAT: little-endian, 8 bytes an event. N-CARS is stored so.</summary>
    Dat,

    /// <summary>Prophesee RAW, EVT 2.0: words of 32 bits.</summary>
    Evt2,

    /// <summary>Prophesee RAW, EVT 3.0: words of 16 bits.</summary>
    Evt3,

    /// <summary>A NumPy archive with the arrays t, x, y and p, as spikingjelly writes it.</summary>
    Npz,

    /// <summary>A NumPy array of shape [N, 4], or a structured one with the fields t, x, y and p.</summary>
    Npy,

    /// <summary>Text: a row an event, columns parted by commas, semicolons, tabs or spaces.</summary>
    Text,
}
