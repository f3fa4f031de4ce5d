using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TorchSharp;

namespace MsVit.Tests.Interop.PyTorch;

/// <summary>Writes files as torch.save does, instruction by instruction, so that a test knows what is in them.</summary>
internal static class TorchFile
{
    /// <summary>A state dict of float32 and int64 tensors.</summary>
    /// <param name="tensors">By name.</param>
    /// <param name="under">The key of a checkpoint under which it lies beside an epoch; null for the state dict alone.</param>
    public static byte[] Of(IReadOnlyDictionary<string, torch.Tensor> tensors, string? under = null)
    {
        using var pickle = new MemoryStream();
        pickle.Write([0x80, 2]);
        if (under is not null)
        {
            pickle.Write("}("u8);
            Text(pickle, "epoch");
            pickle.Write([(byte)'K', 7]);
            Text(pickle, "optimizer");
            pickle.Write("}K\0K\u0001s"u8);
            Text(pickle, under);
        }
        pickle.Write("ccollections\nOrderedDict\n)R("u8);
        foreach (var (i, (name, tensor)) in tensors.Index())
        {
            Text(pickle, name);
            Tensor(pickle, $"{i}", tensor.shape, tensor.numel(), type: tensor.dtype == torch.ScalarType.Int64 ? "LongStorage"
                : "FloatStorage");
        }
        pickle.Write("u"u8);
        // As modules give their versions.
        pickle.Write("}"u8);
        Text(pickle, "_metadata");
        pickle.Write("}sb"u8);
        pickle.Write(under is null ? "."u8 : "u."u8);
        return Zip(pickle.ToArray(), [.. tensors.Select((pair, i) => ($"data/{i}", Bytes(pair.Value)))]);
    }

    /// <summary>The zip around a pickle and its entries.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Bytes)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries.Prepend(("data.pkl", pickle)))
            {
                using var entry = zip.CreateEntry($"archive/{name}", CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        }
        return file.ToArray();
    }

    /// <summary>A tensor in the storage of a key.</summary>
    public static void Tensor(Stream pickle, string key, long[] sizes, long storage, long[]? strides = null, long offset = 0,
        string type = "FloatStorage")
    {
        pickle.Write("ctorch._utils\n_rebuild_tensor_v2\n(("u8);
        Text(pickle, "storage");
        pickle.Write(Encoding.ASCII.GetBytes($"ctorch\n{type}\n"));
        Text(pickle, key);
        Text(pickle, "cpu");
        Number(pickle, storage);
        pickle.Write("tQ"u8);
        Number(pickle, offset);
        Tuple(pickle, sizes);
        Tuple(pickle, strides ?? [.. sizes.Select((_, axis) => sizes.Skip(axis + 1).Aggregate(1L, (product, size) => product * size))]);
        pickle.Write([0x89]);
        pickle.Write("ccollections\nOrderedDict\n)RtR"u8);
    }

    public static void Text(Stream pickle, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        pickle.Write("X"u8);
        pickle.Write(length);
        pickle.Write(bytes);
    }

    private static byte[] Bytes(torch.Tensor tensor) => tensor.detach().contiguous().bytes.ToArray();

    private static void Tuple(Stream pickle, long[] numbers)
    {
        pickle.Write("("u8);
        foreach (var number in numbers)
        {
            Number(pickle, number);
        }
        pickle.Write("t"u8);
    }

    private static void Number(Stream pickle, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        pickle.Write([0x8A, 8]);
        pickle.Write(bytes);
    }
}
