using System.Buffers.Binary;
using System.Text;
using MsVit.MLNet;

namespace MsVit.Tests.Platform;

public sealed class ElfVersionNeedsTests
{
    private const int FlagsOfSecondNeed = 64 + 3 * 64 + 16 + 16 + 4;

    [Fact]
    public void Only_the_named_version_becomes_weak()
    {
        var image = Library("GLIBCXX_3.4", "GLIBCXX_3.4.32");
        var before = image.ToArray();

        Assert.True(ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32"));

        var changed = Enumerable.Range(0, image.Length).Where(i => image[i] != before[i]).ToArray();
        Assert.Equal([FlagsOfSecondNeed], changed);
        Assert.Equal(2, image[FlagsOfSecondNeed]);
    }

    [Fact]
    public void A_library_without_that_need_is_left_alone()
    {
        var image = Library("GLIBCXX_3.4", "GLIBCXX_3.4.30");
        var before = image.ToArray();
        Assert.False(ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.3"));
        Assert.Equal(before, image);
    }

    [Fact]
    public void A_need_that_is_weak_already_is_no_reason_to_load_a_copy()
    {
        var image = Library("GLIBCXX_3.4", "GLIBCXX_3.4.32");
        Assert.True(ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32"));
        Assert.False(ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32"));
    }

    [Fact]
    public void What_is_no_library_is_refused() =>
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(
            "MZ this is something else altogether, and long enough to be it."u8.ToArray(), "X"));

    [Fact]
    public void A_damaged_library_is_refused_or_left_alone_but_never_read_beyond_its_end()
    {
        var whole = Library("GLIBCXX_3.4", "GLIBCXX_3.4.32");
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 5000; i++)
        {
            var image = whole[..random.Next(whole.Length + 1)];
            for (var k = random.Next(4); k > 0 && image.Length > 0; k--)
            {
                image[random.Next(image.Length)] = (byte)random.Next(256);
            }
            try
            {
                ElfVersionNeeds.Weaken(image, "GLIBCXX_3.4.32");
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1, 5000);
    }

    // Header, three section headers (none, version needs, names), one Verneed with two Vernaux, the names.
    private static byte[] Library(string first, string second)
    {
        var names = Encoding.ASCII.GetBytes($"\0{first}\0{second}\0");
        var image = new byte[64 + 3 * 64 + 16 + 2 * 16 + names.Length];
        const int Needs = 64 + 3 * 64;
        const int Names = Needs + 16 + 2 * 16;
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(image, 0);
        U64(0x28, 64);
        U16(0x3A, 64);
        U16(0x3C, 3);
        U32(64 + 64 + 4, 0x6ffffffe);
        U64(64 + 64 + 0x18, Needs);
        U64(64 + 64 + 0x20, 48);
        U32(64 + 64 + 0x28, 2);
        U32(64 + 128 + 4, 3);
        U64(64 + 128 + 0x18, Names);
        U64(64 + 128 + 0x20, (ulong)names.Length);
        U16(Needs, 1);
        U16(Needs + 2, 2);
        U32(Needs + 8, 16);
        U32(Needs + 16 + 8, 1);
        U32(Needs + 16 + 12, 16);
        U32(Needs + 32 + 8, (uint)(2 + first.Length));
        names.CopyTo(image, Names);
        return image;

        void U16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), value);
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), value);
        void U64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(at), value);
    }
}
