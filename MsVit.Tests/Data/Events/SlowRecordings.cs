using System.Buffers.Binary;
using System.Text;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events;

/// <summary>Writes recordings from the documented layouts, byte by byte and independently of the library.</summary>
internal static class SlowRecordings
{
    /// <summary>Random events that every format can hold: 128 x 128, times that rise.</summary>
    public static CameraEvent[] Events(int count, int seed, int maxStep = 40)
    {
        var random = new Random(seed);
        var time = 1000L;
        return [.. Enumerable.Range(0, count).Select(_ =>
            new CameraEvent(time += random.Next(maxStep), (ushort)random.Next(128), (ushort)random.Next(128), random.Next(2) == 1))];
    }

    public static byte[] Aedat1(IEnumerable<CameraEvent> events) =>
        [.. "#!AER-DAT1.0\r\n# old\r\n"u8, .. events.SelectMany(e => Big(2, Dvs128(e)).Concat(Big(4, e.Time)))];

    public static byte[] Aedat2(IEnumerable<CameraEvent> events) =>
        [.. "#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n"u8,
            .. events.SelectMany(e => Big(4, Dvs128(e)).Concat(Big(4, e.Time)))];

    public static byte[] Davis240(IEnumerable<CameraEvent> events) =>
        [.. "#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n"u8, .. events.SelectMany(e =>
            Big(4, ((179L - e.Y) << 22) | ((239L - e.X) << 12) | (e.On ? 1L << 11 : 0)).Concat(Big(4, e.Time)))];

    /// <summary>Packets of a few events, with room left over, and packets of another type between them.</summary>
    public static byte[] Aedat31(IReadOnlyList<CameraEvent> events, int packet = 50)
    {
        var bytes = new List<byte>(Encoding.ASCII.GetBytes("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"));
        for (var i = 0; i < events.Count;)
        {
            var overflow = events[i].Time >> 31;
            var part = events.Skip(i).Take(packet).TakeWhile(e => e.Time >> 31 == overflow).ToArray();
            bytes.AddRange([.. Little(2, 2), .. Little(2, 1), .. Little(4, 12), .. Little(4, 4), .. Little(4, 0), .. Little(4, 2),
                .. Little(4, 1), .. Little(4, 1), .. new byte[24]]);
            bytes.AddRange([.. Little(2, 1), .. Little(2, 1), .. Little(4, 8), .. Little(4, 4), .. Little(4, overflow),
                .. Little(4, part.Length + 3), .. Little(4, part.Length), .. Little(4, part.Length)]);
            bytes.AddRange(part.SelectMany(e => Little(4, 1 | (e.On ? 2L : 0) | ((long)e.Y << 2) | ((long)e.X << 17))
                .Concat(Little(4, e.Time & 0x7FFFFFFF))));
            bytes.AddRange(new byte[3 * 8]);
            i += part.Length;
        }
        return [.. bytes];
    }

    public static byte[] Atis(IEnumerable<CameraEvent> events) =>
        [.. events.SelectMany(e => new[] { (byte)e.X, (byte)e.Y }.Concat(Big(3, (e.On ? 1L << 23 : 0) | (e.Time & 0x7FFFFF))))];

    public static byte[] Dat(IEnumerable<CameraEvent> events) =>
        [.. "% Version 2\n% Width 128\n% Height 128\n"u8, 0x0C, 8,
            .. events.SelectMany(e => Little(4, e.Time).Concat(Little(4, e.X | (e.Y << 14) | (e.On ? 1 << 28 : 0))))];

    public static byte[] Evt2(IEnumerable<CameraEvent> events)
    {
        var bytes = new List<byte>(Encoding.ASCII.GetBytes("% format EVT2;height=128;width=128\n% end\n"));
        var high = -1L;
        foreach (var e in events)
        {
            if (e.Time >> 6 != high)
            {
                high = e.Time >> 6;
                bytes.AddRange([.. Little(4, 0xA0000000), .. Little(4, 0x80000000 | (high & 0xFFFFFFF))]);
            }
            bytes.AddRange(Little(4, (e.On ? 1L << 28 : 0) | ((e.Time & 63) << 22) | ((long)e.X << 11) | e.Y));
        }
        return [.. bytes];
    }

    /// <summary>Every third event as a vector of one.</summary>
    public static byte[] Evt3(IEnumerable<CameraEvent> events)
    {
        var bytes = new List<byte>(Encoding.ASCII.GetBytes("% evt 3.0\n% geometry 128x128\n% end\n"));
        var high = -1L;
        foreach (var (i, e) in events.Index())
        {
            if (e.Time >> 12 != high)
            {
                high = e.Time >> 12;
                bytes.AddRange(Little(2, 0x8000 | (high & 0xFFF)));
            }
            bytes.AddRange([.. Little(2, 0x6000 | (e.Time & 0xFFF)), .. Little(2, e.Y)]);
            var on = e.On ? 0x800 : 0;
            bytes.AddRange(i % 3 != 0 ? Little(2, 0x2000 | on | e.X)
                : e.X >= 5 ? [.. Little(2, 0x3000 | on | (e.X - 5)), .. Little(2, 0x4000 | (1 << 5))]
                : [.. Little(2, 0x3000 | on | e.X), .. Little(2, 0x5000 | 1)]);
        }
        return [.. bytes];
    }

    public static byte[] Text(IEnumerable<CameraEvent> events) =>
        Encoding.ASCII.GetBytes("# made by hand\nx,y,p,t\n" + string.Concat(
            events.Select(e => $"{e.X},{e.Y},{(e.On ? 1 : 0)},{e.Time}\n")));

    /// <summary>An array of shape [N, 4], t, x, y, p.</summary>
    public static byte[] Npy(IReadOnlyCollection<CameraEvent> events) =>
        [.. NpyHeader("<i8", $"({events.Count}, 4)"), .. events.SelectMany(
            e => new long[] { e.Time, e.X, e.Y, e.On ? 1 : 0 }.SelectMany(v => Little(8, v)))];

    public static byte[] NpyHeader(string type, string shape)
    {
        var text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, .. Little(2, text.Length), .. Encoding.ASCII.GetBytes(text)];
    }

    public static byte[] Little(int length, long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes[..length];
    }

    public static byte[] Big(int length, long value) => [.. Little(length, value).Reverse()];

    private static long Dvs128(CameraEvent e) => ((127 - e.Y) << 8) | ((127 - e.X) << 1) | (e.On ? 0 : 1);
}
