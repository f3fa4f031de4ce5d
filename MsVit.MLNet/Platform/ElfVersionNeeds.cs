using System.Buffers.Binary;
using System.Text;

namespace MsVit.MLNet;

/// <summary>The symbol versions that a 64-bit little-endian ELF library needs from other libraries (section .gnu.version_r).</summary>
internal static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeeds = 0x6ffffffe;
    private const ushort Weak = 0x2;

    /// <summary>Marks every need for <paramref name="version"/> as weak, so that the loader continues if it is missing.</summary>
    /// <param name="image">The bytes of the library, changed in place.</param>
    /// <param name="version">The name of the version, such as GLIBCXX_3.4.32.</param>
    /// <returns>Whether a need was changed.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a complete 64-bit little-endian ELF file.</exception>
    public static bool Weaken(Span<byte> image, string version)
    {
        if (image.Length < 64 || !image.StartsWith((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        }
        try
        {
            var sections = checked((int)U64(image, 0x28));
            var sectionSize = U16(image, 0x3A);
            var sectionCount = U16(image, 0x3C);
            var changed = false;
            for (var i = 0; i < sectionCount; i++)
            {
                var section = image.Slice(sections + i * sectionSize, sectionSize);
                if (U32(section, 4) != SectionTypeVersionNeeds)
                {
                    continue;
                }
                var names = image.Slice(sections + checked((int)U32(section, 0x28)) * sectionSize, sectionSize);
                changed |= WeakenSection(Content(image, section), Content(image, names), version);
            }
            return changed;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("the ELF file is cut off or damaged", e);
        }
    }

    // Verneed { u16 version, u16 count, u32 file, u32 aux, u32 next }; Vernaux { u32 hash, u16 flags, u16 other, u32 name, u32 next }
    private static bool WeakenSection(Span<byte> needs, Span<byte> names, string version)
    {
        var wanted = Encoding.ASCII.GetBytes(version + "\0");
        var changed = false;
        for (var need = 0; ;)
        {
            var aux = need + checked((int)U32(needs, need + 8));
            for (var i = 0; i < U16(needs, need + 2); i++)
            {
                var flags = U16(needs, aux + 4);
                if (names[checked((int)U32(needs, aux + 8))..].StartsWith(wanted) && (flags & Weak) == 0)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(needs[(aux + 4)..], (ushort)(flags | Weak));
                    changed = true;
                }
                aux += checked((int)U32(needs, aux + 12));
            }
            var next = checked((int)U32(needs, need + 12));
            if (next == 0)
            {
                return changed;
            }
            need += next;
        }
    }

    private static Span<byte> Content(Span<byte> image, Span<byte> section) =>
        image.Slice(checked((int)U64(section, 0x18)), checked((int)U64(section, 0x20)));

    private static ushort U16(Span<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(Span<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(Span<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
