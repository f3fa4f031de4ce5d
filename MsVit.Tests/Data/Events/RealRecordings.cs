using System.Buffers.Binary;
using System.Text;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events;

/// <summary>Real recordings of ../shared/data, decoded in the slowest and plainest way, apart from the library's readers.</summary>
internal static class RealRecordings
{
    public const string Turntable = "data/dvs128-objects";
    public const string Gestures = "data/dvs128-objects-aedat31";
    public const string Digits = "data/nmnist";

    public static readonly SensorSize Dvs128 = new(128, 128);
    public static readonly SensorSize NMnist = new(34, 34);

    /// <summary>AEDAT 2.0 of a DVS128; upright, or with axes swapped and flipped as spikingjelly reads CIFAR10-DVS.</summary>
    public static CameraEvent[] Aedat2(string path, bool upright = true)
    {
        var bytes = File.ReadAllBytes(RepositoryRoot.Shared(path));
        var at = 0;
        while (bytes[at] == '#')
        {
            at = Array.IndexOf(bytes, (byte)'\n', at) + 1;
        }
        var events = new List<CameraEvent>();
        for (; at + 8 <= bytes.Length; at += 8)
        {
            var address = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            var (first, second) = ((ushort)(127 - ((address >> 1) & 127)), (ushort)(127 - ((address >> 8) & 127)));
            var time = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 4));
            events.Add(upright ? new(time, first, second, (address & 1) == 0) : new(time, second, first, (address & 1) == 0));
        }
        return [.. events];
    }

    /// <summary>The polarity events of AEDAT 3.1.</summary>
    public static CameraEvent[] Aedat31(string path)
    {
        var bytes = File.ReadAllBytes(RepositoryRoot.Shared(path));
        var end = Encoding.ASCII.GetBytes("#!END-HEADER\r\n");
        var at = bytes.AsSpan().IndexOf(end) + end.Length;
        var events = new List<CameraEvent>();
        while (at < bytes.Length)
        {
            var capacity = Word(16);
            for (var i = 0; i < Word(20) && (Word(0) & 0xFFFF) == 1; i++)
            {
                var data = Word(28 + (8 * i));
                var time = Word(32 + (8 * i)) | ((long)Word(12) << 31);
                events.Add(new(time, (ushort)(data >> 17), (ushort)((data >> 2) & 0x7FFF), (data & 2) != 0));
            }
            at += 28 + (8 * (int)capacity);
        }
        return [.. events];

        uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + offset));
    }

    /// <summary>A recording of N-MNIST.</summary>
    public static CameraEvent[] Bin(string path) =>
        [.. File.ReadAllBytes(RepositoryRoot.Shared(path)).Chunk(5)
            .Select(e => new CameraEvent(((e[2] & 127) << 16) | (e[3] << 8) | e[4], e[0], e[1], e[2] > 127))];

    /// <summary>Prophesee DAT without a size in its header.</summary>
    public static CameraEvent[] Dat(string path)
    {
        var bytes = AfterHeader(path)[2..];
        return [.. bytes.Chunk(8).Select(e =>
        {
            var (time, address) = (BitConverter.ToUInt32(e), BitConverter.ToUInt32(e, 4));
            return new CameraEvent(time, (ushort)(address & 0x3FFF), (ushort)(address >> 14 & 0x3FFF), address >> 28 != 0);
        })];
    }

    /// <summary>EVT 2.0.</summary>
    public static CameraEvent[] Evt2(string path)
    {
        var (events, high) = (new List<CameraEvent>(), -1L);
        foreach (var word in AfterHeader(path).Chunk(4).Select(four => BitConverter.ToUInt32(four)))
        {
            if (word >> 28 == 8)
            {
                high = word & 0xFFFFFFF;
            }
            else if (word >> 28 <= 1 && high >= 0)
            {
                events.Add(new(high << 6 | word >> 22 & 63, (ushort)(word >> 11 & 2047), (ushort)(word & 2047), word >> 28 == 1));
            }
        }
        return [.. events];
    }

    /// <summary>EVT 3.0 of less than 16 s.</summary>
    public static CameraEvent[] Evt3(string path)
    {
        var events = new List<CameraEvent>();
        var (y, x, on, high, low) = (0, 0, false, -1L, 0L);
        foreach (var word in AfterHeader(path).Chunk(2).Select(two => (int)BitConverter.ToUInt16(two)))
        {
            switch (word >> 12)
            {
                case 0:
                    y = word & 2047;
                    break;
                case 2:
                    Add(word & 2047, (word & 2048) != 0);
                    break;
                case 3:
                    (x, on) = (word & 2047, (word & 2048) != 0);
                    break;
                case 4 or 5:
                    for (var i = 0; i < (word >> 12 == 4 ? 12 : 8); i++)
                    {
                        if ((word >> i & 1) != 0)
                        {
                            Add(x + i, on);
                        }
                    }
                    x += word >> 12 == 4 ? 12 : 8;
                    break;
                case 6:
                    low = word & 4095;
                    break;
                case 8:
                    high = word & 4095;
                    break;
            }
        }
        return [.. events];

        void Add(int column, bool brighter)
        {
            if (high >= 0)
            {
                events.Add(new(high << 12 | low, (ushort)column, (ushort)y, brighter));
            }
        }
    }

    // Lines that begin with a per cent sign.
    private static byte[] AfterHeader(string path)
    {
        var bytes = File.ReadAllBytes(RepositoryRoot.Shared(path));
        var at = 0;
        while (bytes[at] == '%')
        {
            at = Array.IndexOf(bytes, (byte)'\n', at) + 1;
        }
        return bytes[at..];
    }
}
