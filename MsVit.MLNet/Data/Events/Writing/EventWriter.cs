namespace MsVit.MLNet.Events;

/// <summary>Creates writers of recordings.</summary>
public static class EventWriter
{
    /// <summary>AEDAT 2.0 of a DVS128, as jAER and the readers of CIFAR10-DVS take it.</summary>
    /// <param name="path">The file, usually .aedat.</param>
    /// <param name="axes">
    /// How the events' columns and rows become address bits; read with the same. The default is an upright image in jAER. With
    /// <see cref="AedatAxes.Cifar10Dvs"/> spikingjelly's CIFAR10DVS shows it upright.
    /// </param>
    /// <returns>
    /// A writer that takes events of 128 x 128 pixels with times from 0 on; the first below 2^32, and each less than 2^31 from the one before.
    /// </returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static IEventWriter Aedat2(string path, AedatAxes axes = AedatAxes.Upright) => new Aedat2Writer(path, axes);

    /// <summary>The 5-byte format of N-MNIST, with marks where the time exceeds its 23 bits.</summary>
    /// <param name="path">The file, usually .bin.</param>
    /// <returns>A writer that takes events of columns 0 to 255 and rows 0 to 239, with times that do not step back more than 8.19 milliseconds after the first 8.4 seconds.</returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static IEventWriter Atis(string path) => new AtisWriter(path);

    /// <summary>An NPZ file with the arrays t (int64), x and y (uint16) and p (uint8), as spikingjelly reads it.</summary>
    /// <param name="path">The file, usually .npz.</param>
    /// <returns>A writer that takes all events.</returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static IEventWriter Npz(string path) => new NpzWriter(path);
}
