namespace MsVit.MLNet.Events;

/// <summary>Creates writers for recordings.</summary>
public static class EventWriter
{
    /// <summary>Creates a writer for AEDAT 2.0 of a DVS128, which jAER and readers of CIFAR10-DVS accept.</summary>
    /// <param name="path">The file, usually .aedat.</param>
    /// <param name="axes">
    /// How columns and rows map to address bits; read the file with the same value. The default gives an upright image in jAER;
    /// <see cref="AedatAxes.Cifar10Dvs"/> gives an upright image in spikingjelly's CIFAR10DVS.
    /// </param>
    /// <returns>
    /// A writer for events of 128 x 128 pixels with times from 0. The first time must be below 2^32, and each step shorter than 2^31.
    /// </returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static IEventWriter Aedat2(string path, AedatAxes axes = AedatAxes.Upright) => new Aedat2Writer(path, axes);

    /// <summary>Creates a writer for the 5-byte format of N-MNIST, with overflow markers for times beyond 23 bits.</summary>
    /// <param name="path">The file, usually .bin.</param>
    /// <returns>
    /// A writer for events of columns 0 to 255 and rows 0 to 239. After the first 8.4 seconds, times must not step back by more than 8.19
    /// milliseconds.
    /// </returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static IEventWriter Atis(string path) => new AtisWriter(path);

    /// <summary>
    /// Creates a writer for an NPZ file with the arrays t (int64), x and y (uint16) and p (uint8), as spikingjelly reads it.
    /// </summary>
    /// <param name="path">The file, usually .npz.</param>
    /// <returns>A writer for any events.</returns>
    /// <exception cref="IOException">The file cannot be created.</exception>
    public static IEventWriter Npz(string path) => new NpzWriter(path);
}

/// <summary>Writes one recording block by block. The file gets its final name once it is complete.</summary>
public interface IEventWriter : IDisposable
{
    /// <summary>Appends events.</summary>
    /// <param name="events">The next events.</param>
    /// <exception cref="ArgumentException">The format cannot represent an event; the message says which and why.</exception>
    void Write(ReadOnlySpan<CameraEvent> events);

    /// <summary>Completes the file and gives it its name, replacing an existing file. Without this call nothing remains.</summary>
    void Complete();
}
