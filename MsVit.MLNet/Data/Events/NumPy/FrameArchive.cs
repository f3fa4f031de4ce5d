namespace MsVit.MLNet.Events;

/// <summary>Reads frames that spikingjelly has saved: an NPZ file with the one array frames, [T, C, H, W].</summary>
public static class FrameArchive
{
    /// <summary>The most numbers that are accepted: 2^28, 1 GiB.</summary>
    public const long MaxLength = 1 << 28;

    private const int Piece = 16 << 10;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The NPZ file. Its numbers may be of any whole or real type.</param>
    /// <returns>The frames as float32.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="EventFormatException">The file is not such an archive; the message names the array.</exception>
    public static StoredFrames Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Read(file, path);
    }

    /// <summary>Reads a stream, which must be able to seek and stays open.</summary>
    /// <param name="stream">The archive.</param>
    /// <param name="name">Names it in messages.</param>
    /// <returns>The frames as float32.</returns>
    /// <exception cref="EventFormatException">As for <see cref="Read(string)"/>.</exception>
    public static StoredFrames Read(Stream stream, string name)
    {
        using var archive = NpzArchive.Open(stream, name);
        var (window, header) = archive.Array("frames");
        using (window)
        {
            if (header.Fields.Count != 1 || header.Shape.Count != 4 || header.Shape.Any(size => size is < 1 or > MaxLength)
                || header.Shape.Aggregate(1L, (product, size) => Math.Min(product * size, MaxLength + 1)) is var length && length > MaxLength)
            {
                throw new EventFormatException(name, "array frames",
                    $"the shape is ({string.Join(", ", header.Shape)}); expected [T, C, H, W] with at most {MaxLength} numbers.");
            }
            try
            {
                return new(Values(window, header.Fields[0].Type, (int)length, name),
                    (int)header.Shape[0], (int)header.Shape[1], (int)header.Shape[2], (int)header.Shape[3]);
            }
            catch (InvalidDataException e)
            {
                throw new EventFormatException(name, "array frames", $"the archive cannot be unpacked: {e.Message} Copy or make it again.", e);
            }
        }
    }

    // Memory is taken as the numbers come: a shape may promise more than there is.
    private static float[] Values(ByteWindow window, NpyType type, int length, string name)
    {
        var values = new float[Math.Min(length, Piece)];
        for (var i = 0; i < length;)
        {
            var count = Math.Min(Piece, length - i);
            if (!window.Fill(count * type.Size))
            {
                throw new EventFormatException(name, "array frames", $"it ends after {i + (window.Unread.Length / type.Size)} of {length} numbers. Copy or make it again.");
            }
            if (i + count > values.Length)
            {
                Array.Resize(ref values, (int)Math.Min(length, 2L * values.Length));
            }
            for (var j = 0; j < count; j++)
            {
                values[i + j] = (float)type.Real(window.Unread[(j * type.Size)..]);
            }
            window.Advance(count * type.Size);
            i += count;
        }
        return values;
    }
}

/// <summary>Frames of one sample as they were saved.</summary>
/// <param name="Values">[T, C, H, W], in that order.</param>
/// <param name="TimeSteps">T.</param>
/// <param name="Channels">C: 2, off and on, in what spikingjelly saves.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
public sealed record StoredFrames(float[] Values, int TimeSteps, int Channels, int Height, int Width);
