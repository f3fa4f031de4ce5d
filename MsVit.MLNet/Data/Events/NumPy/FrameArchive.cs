namespace MsVit.MLNet.Events;

/// <summary>Reads frames saved by spikingjelly: an NPZ file with a single array, frames, of shape [T, C, H, W].</summary>
public static class FrameArchive
{
    /// <summary>The maximum number of elements: 2^28, 1 GiB.</summary>
    public const long MaxLength = 1 << 28;

    /// <summary>The name of the array.</summary>
    internal const string Frames = "frames";

    private const int BlockSize = 16 << 10;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The NPZ file. Its elements may have any integer or floating-point type.</param>
    /// <returns>The frames as float32.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="EventFormatException">The file is not such an archive; the message names the array.</exception>
    public static StoredFrames Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Read(file, path);
    }

    /// <summary>Reads a seekable stream, which stays open.</summary>
    /// <param name="stream">The archive.</param>
    /// <param name="name">The name in messages.</param>
    /// <returns>The frames as float32.</returns>
    /// <exception cref="EventFormatException">As for <see cref="Read(string)"/>.</exception>
    public static StoredFrames Read(Stream stream, string name)
    {
        using var archive = NpzArchive.Open(stream, name);
        var (window, header) = archive.Array(Frames);
        using (window)
        {
            var length = Length(header, name);
            try
            {
                return new(Values(window, header.Fields[0].Type, length, name),
                    (int)header.Shape[0], (int)header.Shape[1], (int)header.Shape[2], (int)header.Shape[3]);
            }
            catch (InvalidDataException e)
            {
                throw new EventFormatException(
                    name, "array frames", $"the archive cannot be unpacked: {e.Message} Copy or create it again.", e);
            }
        }
    }

    /// <summary>The width and height of the frames in a seekable stream, which stays open.</summary>
    internal static SensorSize SizeOf(Stream stream, string name)
    {
        using var archive = NpzArchive.Open(stream, name);
        var (window, header) = archive.Array(Frames);
        using (window)
        {
            _ = Length(header, name);
            return new((int)Math.Min(header.Shape[3], ushort.MaxValue), (int)Math.Min(header.Shape[2], ushort.MaxValue));
        }
    }

    /// <summary>Whether a seekable stream is an archive of frames, not of events. The stream is left at its start.</summary>
    internal static bool Holds(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[4];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        if (length < start.Length || !start.SequenceEqual("PK\u0003\u0004"u8))
        {
            return false;
        }
        using var archive = NpzArchive.Open(stream, name);
        var holds = archive.Names.Contains(Frames);
        stream.Position = 0;
        return holds;
    }

    private static int Length(NpyHeader header, string name)
    {
        var shape = header.Shape;
        if (header.IsFortran)
        {
            throw new EventFormatException(
                name, "array frames", "the frames are stored with the last axis first; save them with np.ascontiguousarray.");
        }
        var isFrames = header.Fields.Count == 1 && shape.Count == 4 && shape.All(size => size is >= 1 and <= MaxLength);
        var length = isFrames ? shape.Aggregate(1L, (product, size) => Math.Min(product * size, MaxLength + 1)) : 0;
        return isFrames && length <= MaxLength ? (int)length : throw new EventFormatException(name, "array frames",
            $"the shape is ({string.Join(", ", header.Shape)}); expected [T, C, H, W] with at most {MaxLength} elements.");
    }

    // Memory grows with the data, because a shape may promise more than the file contains.
    private static float[] Values(ByteWindow window, NpyType type, int length, string name)
    {
        var values = new float[Math.Min(length, BlockSize)];
        for (var i = 0; i < length;)
        {
            var count = Math.Min(BlockSize, length - i);
            if (!window.Fill(count * type.Size))
            {
                var found = i + (window.Unread.Length / type.Size);
                throw new EventFormatException(
                    name, "array frames", $"it ends after {found} of {length} elements. Copy or create it again.");
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

/// <summary>The saved frames of one sample.</summary>
/// <param name="Values">[T, C, H, W], in that order.</param>
/// <param name="TimeSteps">T.</param>
/// <param name="Channels">C. In files of spikingjelly there are 2: OFF and ON.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
public sealed record StoredFrames(float[] Values, int TimeSteps, int Channels, int Height, int Width);
