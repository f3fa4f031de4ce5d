using System.IO.Compression;
using System.Text;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>
/// Reads state dicts as torch.save writes them: a zip with a pickle that describes tensors, and with their numbers. Reading never runs code
/// from the file.
/// </summary>
internal static class PyTorchReader
{
    private const int MostPickleBytes = 64 << 20;
    private const string Pickle = "/data.pkl";
    private const string Parallel = "module.";

    // The keys under which training scripts store the weights in a larger checkpoint; the first one found is read.
    private static readonly string[] Places = ["state_dict", "model", "model_state_dict", "net", "module"];

    /// <summary>Whether a file starts like such a file, or like the older form, which is rejected with a reason.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> beginning) => beginning is [(byte)'P', (byte)'K', 3, 4, ..] or [0x80, <= 5, ..];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is malformed, or contains more than weights; the message names file, entry and byte.
    /// </exception>
    public static SafetensorsFile Read(string path)
    {
        using var stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads a stream that can seek.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="source">Names the file in messages.</param>
    /// <inheritdoc cref="Read(string)" path="/exception"/>
    public static SafetensorsFile Read(Stream stream, string source)
    {
        if (stream.ReadByte() == 0x80)
        {
            throw new InvalidDataException(
                $"{source} has the format that torch.save wrote before PyTorch 1.6. "
                + "Load and save it in PyTorch: torch.save(torch.load(\"old.pth\"), \"new.pth\").");
        }
        stream.Position = 0;
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return Read(zip, stream.Length, source);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException or IOException)
        {
            throw e is InvalidDataException && e.Message.StartsWith(source, StringComparison.Ordinal)
                ? e
                : new InvalidDataException($"{source} is not a complete file of torch.save: {e.Message}", e);
        }
    }

    private static SafetensorsFile Read(ZipArchive zip, long fileLength, string source)
    {
        var pickles = zip.Entries.Where(entry => entry.FullName.EndsWith(Pickle, StringComparison.Ordinal)).ToArray();
        if (pickles.Length != 1)
        {
            throw new InvalidDataException($"{source}: {pickles.Length} entries are named data.pkl; a file of torch.save has one.");
        }
        var folder = pickles[0].FullName[..^(Pickle.Length - 1)];
        if (zip.GetEntry(folder + "byteorder") is { } order
            && Encoding.ASCII.GetString(Bytes(order, 16, source)) is var bytes && bytes != "little")
        {
            throw new InvalidDataException($"{source}: its numbers have the byte order '{bytes}'; only 'little' is read.");
        }
        var pickle = new PickleReader(Bytes(pickles[0], MostPickleBytes, source), $"{source}: {pickles[0].FullName}");
        var weights = Weights(pickle.Read(), source);
        // Weights may share their numbers, but not so often that a small file fills the memory.
        var wanted = weights.Values.Aggregate((Int128)0, (sum, tensor) => sum + (Count(tensor) * Size(tensor.Storage.Type)));
        if (wanted > (4 * (Int128)fileLength) + (1 << 20))
        {
            throw new InvalidDataException($"{source}: its tensors take {wanted} bytes, more than four times the file's {fileLength}.");
        }
        return Tensors(zip, folder, weights, source);
    }

    private static Int128 Count(StoredTensor tensor) =>
        tensor.Sizes.Aggregate((Int128)1, (product, size) => Int128.Min(product * size, long.MaxValue));

    private static SafetensorsFile Tensors(ZipArchive zip, string folder, Dictionary<string, StoredTensor> weights, string source)
    {
        var tensors = new Dictionary<string, torch.Tensor>();
        try
        {
            foreach (var group in weights.GroupBy(pair => pair.Value.Storage))
            {
                using var scope = torch.NewDisposeScope();
                var storage = Storage(zip, folder, group.Key, source);
                foreach (var (name, stored) in group)
                {
                    var view = storage.as_strided(stored.Sizes, stored.Strides, stored.Offset);
                    tensors.Add(name, view.contiguous().clone().DetachFromDisposeScope());
                }
            }
            return new SafetensorsFile(tensors, new Dictionary<string, string>());
        }
        catch
        {
            new SafetensorsFile(tensors, new Dictionary<string, string>()).Dispose();
            throw;
        }
    }

    private static torch.Tensor Storage(ZipArchive zip, string folder, TorchStorage storage, string source)
    {
        var name = $"{folder}data/{storage.Key}";
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"{source}: the entry {name} of a tensor is missing.");
        var expected = (Int128)storage.Length * Size(storage.Type);
        if (entry.Length != expected || expected > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"{source}: {name} has {entry.Length} bytes; {expected} are expected, and at most {Array.MaxLength} are read.");
        }
        var numbers = torch.empty([storage.Length], dtype: storage.Type);
        if (storage.Length > 0)
        {
            Bytes(entry, (int)expected, source).CopyTo(numbers.bytes);
            if (storage.Type == torch.ScalarType.Bool && numbers.bytes.ContainsAnyInRange((byte)2, byte.MaxValue))
            {
                throw new InvalidDataException($"{source}: {name} has Boolean values other than 0 and 1.");
            }
        }
        return numbers;
    }

    // torch.save compresses nothing. So an entry is as long as it says, and cannot be a zip bomb.
    private static byte[] Bytes(ZipArchiveEntry entry, int most, string source)
    {
        if (entry.Length > most || entry.CompressedLength != entry.Length)
        {
            throw new InvalidDataException(
                $"{source}: {entry.FullName} has {entry.Length} bytes, packed into {entry.CompressedLength}; "
                + $"at most {most} uncompressed bytes are read.");
        }
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static Dictionary<string, StoredTensor> Weights(object? root, string source)
    {
        var found = root is not PickleDictionary top ? null
            : HasTensors(top) ? top
            : Places.Select(place => top.Items.GetValueOrDefault(place)).OfType<PickleDictionary>().FirstOrDefault(HasTensors);
        if (found is null)
        {
            throw new InvalidDataException($"{source}: it is no state dict, and has none under {string.Join(", ", Places)}.");
        }
        var weights = found.Items.Where(item => item.Value is StoredTensor)
            .ToDictionary(item => item.Key, item => (StoredTensor)item.Value!);
        return weights.Keys.All(key => key.StartsWith(Parallel, StringComparison.Ordinal))
            ? weights.ToDictionary(pair => pair.Key[Parallel.Length..], pair => pair.Value)
            : weights;
    }

    private static bool HasTensors(PickleDictionary dictionary) => dictionary.Items.Values.Any(value => value is StoredTensor);

    private static int Size(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float64 or torch.ScalarType.Int64 => 8,
        torch.ScalarType.Float32 or torch.ScalarType.Int32 => 4,
        torch.ScalarType.Float16 or torch.ScalarType.BFloat16 or torch.ScalarType.Int16 => 2,
        _ => 1,
    };
}
