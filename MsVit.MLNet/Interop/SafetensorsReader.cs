using System.Buffers.Binary;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Reads safetensors: a JSON header, then tensors as raw bytes. Reading never runs code from the file.</summary>
/// <remarks>
/// The format: a 64-bit little-endian header length, the header, the data. The input is not trusted: every length is checked
/// against what is there before memory is allocated for it.
/// </remarks>
internal static class SafetensorsReader
{
    private const int PrefixLength = 8;
    private const int ChunkLength = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <inheritdoc cref="Read(Stream, string)"/>
    public static SafetensorsFile Read(string path)
    {
        using var stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads a stream from its position to its end; it need not be seekable.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">Names the file or stream in error messages.</param>
    /// <exception cref="InvalidDataException">Malformed content; the message names source, tensor, byte offset and expectation.</exception>
    public static SafetensorsFile Read(Stream stream, string source)
    {
        var header = ReadHeader(stream, source, out var start);
        return new SafetensorsFile(ReadTensors(stream, header.Entries, start, source), header.Metadata);
    }

    /// <summary>Reads and checks the header alone; torch is not needed.</summary>
    /// <inheritdoc cref="Read(Stream, string)"/>
    public static SafetensorsHeader ReadHeader(Stream stream, string source) => ReadHeader(stream, source, out _);

    private static SafetensorsHeader ReadHeader(Stream stream, string source, out long start)
    {
        var available = stream.CanSeek ? stream.Length - stream.Position : (long?)null;
        var prefix = new byte[PrefixLength];
        var got = stream.ReadAtLeast(prefix, PrefixLength, throwOnEndOfStream: false);
        if (got < PrefixLength)
        {
            throw new InvalidDataException(
                $"{source}: it has {got} bytes; a safetensors file starts with the length of its header in {PrefixLength} bytes.");
        }
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var limit = (ulong)Math.Min(available - PrefixLength ?? long.MaxValue, SafetensorsHeader.MaxLength);
        if (length > limit)
        {
            throw new InvalidDataException($"{source}: the header length at byte 0 is {length}; at most {limit} is possible here.");
        }
        start = PrefixLength + (long)length;
        var header = SafetensorsHeader.Parse(ReadHeader(stream, (int)length, source), source);
        var dataLength = header.Entries.Count == 0 ? 0 : header.Entries[^1].End;
        if (available is not null && available - start != dataLength)
        {
            throw new InvalidDataException(
                $"{source}: the header describes {dataLength} bytes of data from byte {start} on, but {available - start} are there.");
        }
        return header;
    }

    private static byte[] ReadHeader(Stream stream, int length, string source)
    {
        using var header = new MemoryStream();
        var got = CopyUpTo(stream, header, length);
        return got == length
            ? header.ToArray()
            : throw new InvalidDataException(
                $"{source}: the header ends at byte {PrefixLength + got}; {PrefixLength + length} was expected.");
    }

    private static Dictionary<string, torch.Tensor> ReadTensors(
        Stream stream, IReadOnlyList<SafetensorsEntry> entries, long start, string source)
    {
        var tensors = new Dictionary<string, torch.Tensor>();
        try
        {
            foreach (var entry in entries)
            {
                tensors.Add(entry.Name, ReadTensor(stream, entry, start, source));
            }
            if (stream.ReadByte() >= 0)
            {
                throw new InvalidDataException($"{source}: there are bytes after the last tensor; the data should end there.");
            }
            return tensors;
        }
        catch
        {
            new SafetensorsFile(tensors, new Dictionary<string, string>()).Dispose();
            throw;
        }
    }

    private static torch.Tensor ReadTensor(Stream stream, SafetensorsEntry entry, long start, string source)
    {
        var length = entry.End - entry.Begin;
        if (length > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"{source}: tensor '{entry.Name}' at byte {start + entry.Begin} takes {length} bytes; "
                + $"at most {Array.MaxLength} are supported.");
        }
        // A stream of unknown length is read before the tensor is allocated, so that a false header takes no memory.
        using var buffer = stream.CanSeek ? null : new MemoryStream();
        var got = buffer is null ? length : CopyUpTo(stream, buffer, length);
        var tensor = torch.empty([.. entry.Shape], dtype: entry.Type.Torch).DetachFromDisposeScope();
        try
        {
            if (length > 0 && got == length)
            {
                var bytes = tensor.bytes;
                if (buffer is null)
                {
                    got = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
                }
                else
                {
                    buffer.GetBuffer().AsSpan(0, (int)length).CopyTo(bytes);
                }
                if (entry.Type.Torch == torch.ScalarType.Bool && bytes.IndexOfAnyInRange((byte)2, byte.MaxValue) is >= 0 and var odd)
                {
                    throw new InvalidDataException(
                        $"{source}: tensor '{entry.Name}' has {bytes[odd]} at byte {start + entry.Begin + odd}; a BOOL is 0 or 1.");
                }
            }
            return got == length
                ? tensor
                : throw new InvalidDataException(
                    $"{source}: tensor '{entry.Name}' should end at byte {start + entry.End}, "
                    + $"but the data ends at byte {start + entry.Begin + got}.");
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private static long CopyUpTo(Stream from, MemoryStream to, long length)
    {
        var chunk = new byte[(int)Math.Min(ChunkLength, Math.Max(1, length))];
        var copied = 0L;
        while (copied < length && from.Read(chunk, 0, (int)Math.Min(chunk.Length, length - copied)) is > 0 and var read)
        {
            to.Write(chunk, 0, read);
            copied += read;
        }
        return copied;
    }
}
