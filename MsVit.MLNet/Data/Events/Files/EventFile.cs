namespace MsVit.MLNet.Events;

/// <summary>Opens event-camera recordings. The format is detected from the content.</summary>
public static class EventFile
{
    /// <summary>Opens a file. The reader closes it.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <returns>A reader at the first event.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="EventFormatException">
    /// The format is unknown or the header is invalid; the message gives the byte offset.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static EventFileReader Open(string path, EventReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(OpenStream(path), path, options);
    }

    /// <summary>Reads a stream from its current position. NPZ requires a seekable stream.</summary>
    /// <param name="stream">The stream. The reader disposes of it unless <paramref name="leaveOpen"/> is true.</param>
    /// <param name="name">The name in messages. Its extension identifies the format that has no header.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <param name="leaveOpen">Whether to leave the stream open. The default is false.</param>
    /// <returns>A reader at the first event.</returns>
    /// <inheritdoc cref="Open(string, EventReadOptions?)" path="/exception"/>
    public static EventFileReader Open(Stream stream, string name, EventReadOptions? options = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Open(new ByteWindow(stream, leaveOpen), name, options ?? new());
    }

    /// <summary>Reads bytes in memory without copying them.</summary>
    /// <param name="bytes">The content of a file.</param>
    /// <param name="name">The name in messages. Its extension identifies the format that has no header.</param>
    /// <param name="options">How to read it; null for the defaults.</param>
    /// <returns>A reader at the first event.</returns>
    /// <inheritdoc cref="Open(string, EventReadOptions?)" path="/exception"/>
    public static EventFileReader Open(ReadOnlyMemory<byte> bytes, string name, EventReadOptions? options = null) =>
        Open(new ByteWindow(bytes), name, options ?? new());

    /// <summary>Opens a file for reading from its start to its end.</summary>
    internal static FileStream OpenStream(string path) => new(
        path,
        FileMode.Open,
        FileAccess.Read,
        FileShare.ReadWrite | FileShare.Delete,
        // ByteWindow does the buffering.
        bufferSize: 0,
        FileOptions.SequentialScan);

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
