using System.Buffers.Binary;
using MsVit.MLNet.Events;
using Xunit.Abstractions;

namespace MsVit.Tests.Data.Events;

public sealed class HostileRecordingTests(ITestOutputHelper output)
{
    private const int Mutants = 10_000;

    // Far above what a small file needs, far below what a huge count would ask for.
    private const long MostBytes = 6 << 20;

    public static TheoryData<string> Names => [.. AllFormats.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ten_thousand_damaged_files_give_events_or_a_clear_error(string name)
    {
        var intact = AllFormats.Bytes(name, SlowRecordings.Events(24, seed: 3));
        var options = new EventReadOptions { Sensor = new(128, 128), OutOfRange = OutOfRangePolicy.Drop };
        var format = EventFile.Open(intact, name).Format;
        var events = new CameraEvent[64];
        var (refused, mostBytes) = (0, 0L);
        for (var seed = 0; seed < Mutants; seed++)
        {
            var bytes = Mutant(intact, new Random(seed));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                // Half of the mutants are told what they are, so that a damaged first line does not end them.
                var wanted = options with
                {
                    Format = seed % 2 == 0 ? format : null,
                    OutOfRange = seed % 3 == 0 ? OutOfRangePolicy.Throw : OutOfRangePolicy.Drop,
                    AcceptTruncated = seed % 5 == 0,
                };
                using var reader = seed % 7 == 0 ? EventFile.Open(new MemoryStream(bytes), name, wanted)
                    : EventFile.Open(bytes, name, wanted);
                while (reader.Read(events) is > 0 and var count)
                {
                    Assert.All(events[..Math.Min(count, 1)], item => Assert.True(item.X < 128 && item.Y < 128));
                }
            }
            catch (EventFormatException e)
            {
                refused++;
                Assert.True(e.Message.StartsWith(name, StringComparison.Ordinal) && e.Location is not null, e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutant {seed} of {name}: {e}");
            }
            mostBytes = Math.Max(mostBytes, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        output.WriteLine($"{refused} refused, at most {mostBytes} bytes");
        Assert.InRange(refused, name == "a.bin" ? 500 : 1000, Mutants - 10);
        Assert.True(mostBytes < MostBytes, $"{mostBytes} bytes for a file of {intact.Length}");
    }

    [Fact]
    public void Damaged_archives_of_frames_give_frames_or_a_clear_error()
    {
        var intact = NpzFile.Of(("frames", [.. SlowRecordings.NpyHeader("<f8", "(2, 2, 3, 3)"), .. new byte[36 * 8]]));
        for (var seed = 0; seed < 2000; seed++)
        {
            try
            {
                using var stream = new MemoryStream(Mutant(intact, new Random(seed)));
                FrameArchive.Read(stream, "frames.npz");
            }
            catch (EventFormatException)
            {
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_packet_that_unpacks_to_more_than_32_MiB_is_rejected(int compression)
    {
        var bytes = SlowAedat4.Of([], compression, further: new byte[33 << 20]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<EventFormatException>(() => AllFormats.Read(bytes, "a.aedat4"));
        Assert.Contains("unpacks to 33554432 bytes or more", error.Message);
        // The buffer doubles up to the bound.
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 72 << 20);
    }

    // Flipped bytes, extreme numbers, a cut end, bytes left out, a piece that comes twice.
    private static byte[] Mutant(byte[] intact, Random random)
    {
        var bytes = intact.ToList();
        for (var damage = random.Next(1, 4); damage > 0; damage--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(20), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(40), bytes.Count - at)));
                    break;
                case 3 when bytes.Count >= at + 4:
                    var number = new byte[4];
                    BinaryPrimitives.WriteInt32LittleEndian(number,
                        new[] { -1, int.MaxValue, int.MinValue, 1 << 30, 0, 1 << 24 }[random.Next(6)]);
                    for (var i = 0; i < number.Length; i++)
                    {
                        bytes[at + i] = number[i];
                    }
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
            if (bytes.Count == 0)
            {
                break;
            }
        }
        return [.. bytes];
    }
}
