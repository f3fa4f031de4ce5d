using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace MsVit.MLNet;

/// <summary>What a Windows library (a PE file) imports when it is loaded, and what it exports.</summary>
/// <remarks>Delay imports are left out: they are resolved when they are first called.</remarks>
internal sealed class PeImage
{
    // A damaged file can name one table many times. Real libraries stay far below.
    private const int MaxBytes = 64 << 20;
    private const int DescriptorBytes = 20, ThunkBytes = 8;

    private readonly PEReader _file;
    private long _bytes;

    private PeImage(PEReader file)
    {
        _file = file;
        Machine = file.PEHeaders.CoffHeader.Machine;
        if (file.PEHeaders.PEHeader is { Magic: PEMagic.PE32Plus } header)
        {
            Imports = ReadImports(header.ImportTableDirectory);
            ReadExports(header.ExportTableDirectory);
        }
    }

    /// <summary>The processor that it is for.</summary>
    public Machine Machine { get; }

    /// <summary>The libraries that it needs, with the names of what it needs of each; "#12" is the ordinal 12.</summary>
    public IReadOnlyList<(string Library, IReadOnlyList<string> Symbols)> Imports { get; } = [];

    /// <summary>
    /// What it exports, by name and by ordinal ("#12"), with the place where an export is passed on to ("LIBRARY.NAME"); null for its own.
    /// </summary>
    public Dictionary<string, string?> Exports { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file of 64 bits; of one of 32 bits, only <see cref="Machine"/>.</summary>
    /// <exception cref="InvalidDataException">It is not a Windows library, or it is cut off or damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PeImage Read(string path)
    {
        using var file = File.OpenRead(path);
        try
        {
            using var reader = new PEReader(file);
            return new(reader);
        }
        catch (Exception e) when (e is BadImageFormatException or ArgumentException or OverflowException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is not a complete Windows library: {e.Message.TrimEnd('.')}.", e);
        }
    }

    // Descriptor { u32 names, u32 time, u32 forwarder, u32 library, u32 addresses }, up to one without a library.
    private List<(string Library, IReadOnlyList<string> Symbols)> ReadImports(DirectoryEntry table)
    {
        var imports = new List<(string, IReadOnlyList<string>)>();
        if (table.RelativeVirtualAddress == 0)
        {
            return imports;
        }
        for (var reader = At(table.RelativeVirtualAddress); ;)
        {
            Count(DescriptorBytes);
            var names = reader.ReadInt32();
            reader.Offset += 2 * sizeof(int);
            var (library, addresses) = (reader.ReadInt32(), reader.ReadInt32());
            if (library == 0)
            {
                return imports;
            }
            imports.Add((Text(library), Symbols(names != 0 ? names : addresses)));
        }
    }

    // u64 each, up to a 0: an ordinal if the highest bit is set, or the place of { u16 hint, name }.
    private List<string> Symbols(int address)
    {
        var symbols = new List<string>();
        for (var reader = At(address); ;)
        {
            Count(ThunkBytes);
            var thunk = reader.ReadUInt64();
            if (thunk == 0)
            {
                return symbols;
            }
            symbols.Add(thunk >> 63 != 0 ? $"#{(ushort)thunk}" : Text(checked((int)(thunk & uint.MaxValue) + sizeof(ushort))));
        }
    }

    // { ..., at 16: u32 base, u32 functions, u32 names, u32 functions' table, u32 names' table, u32 table of each name's function }
    private void ReadExports(DirectoryEntry table)
    {
        if (table.RelativeVirtualAddress == 0)
        {
            return;
        }
        var reader = At(table.RelativeVirtualAddress);
        reader.Offset += 16;
        var first = reader.ReadInt32();
        var (count, named) = (reader.ReadInt32(), reader.ReadInt32());
        var (functions, names, indices) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        Count(((long)(uint)count * sizeof(int)) + ((long)(uint)named * (sizeof(int) + sizeof(ushort))));
        var forwards = new string?[count];
        reader = count > 0 ? At(functions) : default;
        for (var i = 0; i < count; i++)
        {
            var place = reader.ReadInt32();
            var inTable = place - (long)table.RelativeVirtualAddress;
            forwards[i] = inTable >= 0 && inTable < table.Size ? Text(place) : null;
            if (place != 0)
            {
                Exports[$"#{first + i}"] = forwards[i];
            }
        }
        var (places, targets) = named > 0 ? (At(names), At(indices)) : default;
        for (var i = 0; i < named; i++)
        {
            var target = targets.ReadUInt16();
            Exports[Text(places.ReadInt32())] = target < count
                ? forwards[target]
                : throw new BadImageFormatException($"the exported name {i} has no function");
        }
    }

    private BlobReader At(int address) => _file.GetSectionData(address) is { Length: > 0 } data
        ? data.GetReader()
        : throw new BadImageFormatException($"nothing is at address 0x{address:x}");

    private string Text(int address)
    {
        var reader = At(address);
        var length = reader.IndexOf(0);
        if (length < 0)
        {
            throw new BadImageFormatException($"the name at address 0x{address:x} does not end");
        }
        Count(length);
        return Encoding.Latin1.GetString(reader.ReadBytes(length));
    }

    private void Count(long bytes)
    {
        _bytes += bytes;
        if (_bytes > MaxBytes)
        {
            throw new BadImageFormatException("its tables are too large");
        }
    }
}
