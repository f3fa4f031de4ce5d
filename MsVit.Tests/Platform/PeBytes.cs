using System.Buffers.Binary;
using System.Reflection.PortableExecutable;
using System.Text;

namespace MsVit.Tests.Platform;

/// <summary>Writes the smallest Windows libraries: headers and one section with the tables of imports and exports.</summary>
internal static class PeBytes
{
    private const int HeaderBytes = 0x200, Section = 0x1000;
    private const int Coff = 0x84, Optional = Coff + 20, Directories = Optional + 112, Sections = Directories + (16 * 8);

    /// <param name="imports">A library and what it needs of it: "malloc, #12".</param>
    /// <param name="exports">Names, or "name=LIBRARY.name" for those that are passed on.</param>
    /// <param name="machine">The processor.</param>
    public static byte[] Library((string Library, string Symbols)[] imports, string exports = "", Machine machine = Machine.Amd64)
    {
        var content = new List<byte>();
        var importTable = Imports(content, imports);
        var (exportTable, exportBytes) = Exports(content, List(exports));
        content.AddRange(new byte[(0x200 - (content.Count % 0x200)) % 0x200]);

        var file = new byte[HeaderBytes + content.Count];
        "MZ"u8.CopyTo(file);
        U32(file, 0x3C, 0x80);
        "PE\0\0"u8.CopyTo(file.AsSpan(0x80));
        U16(file, Coff, (ushort)machine);
        U16(file, Coff + 2, 1);
        U16(file, Coff + 16, Sections - Optional);
        U16(file, Coff + 18, 0x2022);
        U16(file, Optional, 0x20B);
        U32(file, Optional + 32, Section);
        U32(file, Optional + 36, 0x200);
        U32(file, Optional + 56, Section + content.Count);
        U32(file, Optional + 60, HeaderBytes);
        U32(file, Optional + 108, 16);
        U32(file, Directories, exportTable);
        U32(file, Directories + 4, exportBytes);
        U32(file, Directories + 8, importTable);
        U32(file, Directories + 12, imports.Length > 0 ? 20 * (imports.Length + 1) : 0);
        ".data"u8.CopyTo(file.AsSpan(Sections));
        U32(file, Sections + 8, content.Count);
        U32(file, Sections + 12, Section);
        U32(file, Sections + 16, content.Count);
        U32(file, Sections + 20, HeaderBytes);
        content.CopyTo(file, HeaderBytes);
        return file;
    }

    private static int Imports(List<byte> content, (string Library, string Symbols)[] imports)
    {
        if (imports.Length == 0)
        {
            return 0;
        }
        var rows = imports.Select(import => (
            Name: Add(content, Z(import.Library)),
            Thunks: List(import.Symbols).Select(symbol => symbol[0] == '#'
                ? (1UL << 63) | ulong.Parse(symbol[1..], System.Globalization.CultureInfo.InvariantCulture)
                : (ulong)Add(content, [0, 0, .. Z(symbol)])).ToArray())).ToArray();
        var tables = rows.Select(row =>
            Add(content, [.. row.Thunks.Append(0UL).SelectMany(BitConverter.GetBytes)])).ToArray();
        return Add(content, [.. rows.Zip(tables, (row, table) => Words(table, 0, 0, row.Name, table)).SelectMany(row => row),
            .. new byte[20]]);
    }

    // Forwarders lie within the table, which tells them from functions.
    private static (int Table, int Bytes) Exports(List<byte> content, string[] exports)
    {
        if (exports.Length == 0)
        {
            return (0, 0);
        }
        var table = Add(content, new byte[40]);
        var parts = exports.Select(export => export.Split('=')).ToArray();
        var places = parts.Select(part => part.Length > 1 ? Add(content, Z(part[1])) : 0x900).ToArray();
        var names = parts.Select(part => Add(content, Z(part[0]))).ToArray();
        var (functions, named) = (Add(content, Words(places)), Add(content, Words(names)));
        var indices = Add(content, [.. Enumerable.Range(0, names.Length).SelectMany(i => BitConverter.GetBytes((ushort)i))]);
        byte[] header = [.. new byte[16], .. Words(1, names.Length, names.Length, functions, named, indices)];
        for (var i = 0; i < header.Length; i++)
        {
            content[table - Section + i] = header[i];
        }
        return (table, content.Count + Section - table);
    }

    private static string[] List(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static int Add(List<byte> content, byte[] bytes)
    {
        var at = Section + content.Count;
        content.AddRange(bytes);
        return at;
    }

    private static byte[] Z(string text) => [.. Encoding.Latin1.GetBytes(text), 0];

    private static byte[] Words(params int[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static void U16(byte[] file, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);

    private static void U32(byte[] file, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
}
