namespace MsVit.MLNet.Events;

/// <summary>Opens recordings of event cameras. The format is recognized from the content.</summary>
public static class EventFile
{
    /// <summary>Opens a file; the reader closes it.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="options">How to read it; the defaults when null.</param>
    /// <returns>A reader before the first event.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="EventFormatException">The format is not known, or the header is not what it asks for; the message names the byte.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static EventFileReader Open(string path, EventReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // The window buffers.
        return Open(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan),
            path, options);
    }

    /// <summary>Reads a stream from its position on; NPZ alone needs one that can seek.</summary>
    /// <param name="stream">The stream; the reader disposes of it unless told otherwise.</param>
    /// <param name="name">Names it in messages; its extension tells the format that has no header.</param>
    /// <param name="options">How to read it; the defaults when null.</param>
    /// <param name="leaveOpen">Whether the stream is left open. The default is false.</param>
    /// <returns>A reader before the first event.</returns>
    /// <inheritdoc cref="Open(string, EventReadOptions?)" path="/exception"/>
    public static EventFileReader Open(Stream stream, string name, EventReadOptions? options = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Open(new ByteWindow(stream, leaveOpen), name, options ?? new());
    }

    /// <summary>Reads bytes in memory, without a copy of them.</summary>
    /// <param name="bytes">The content of a file.</param>
    /// <param name="name">Names it in messages; its extension tells the format that has no header.</param>
    /// <param name="options">How to read it; the defaults when null.</param>
    /// <returns>A reader before the first event.</returns>
    /// <inheritdoc cref="Open(string, EventReadOptions?)" path="/exception"/>
    public static EventFileReader Open(ReadOnlyMemory<byte> bytes, string name, EventReadOptions? options = null) =>
        Open(new ByteWindow(bytes), name, options ?? new());

    private static EventFileReader Open(ByteWindow window, string name, EventReadOptions options)
    {
        try
        {
            ArgumentNullException.ThrowIfNull(name);
            options.Validate();
            var input = new EventInput(window, name, options, new());
            var format = options.Format ?? FormatDetector.Detect(input);
            return new(input, format, Source(input, format));
        }
        catch
        {
            window.Dispose();
            throw;
        }
    }

    private static IEventSource Source(EventInput input, EventFormat format) => format switch
    {
        EventFormat.Aedat1 or EventFormat.Aedat2 => Aedat2Format.Open(input, format),
        EventFormat.Aedat31 => Aedat31Format.Open(input),
        EventFormat.Aedat4 => new Aedat4Source(input),
        EventFormat.Atis => AtisFormat.Open(input),
        EventFormat.Dat => DatFormat.Open(input, PropheseeHeader.Read(input)),
        EventFormat.Evt2 => Evt2Format.Open(input, PropheseeHeader.Read(input)),
        EventFormat.Evt3 => Evt3Format.Open(input, PropheseeHeader.Read(input)),
        EventFormat.Npz => NpzFormat.Open(input),
        EventFormat.Npy => NpyFormat.Open(input),
        EventFormat.Text => new TextSource(input),
        _ => throw new ArgumentException($"Format is {format}; it must be one of {string.Join(", ", Enum.GetNames<EventFormat>())}."),
    };
}
