using System.Buffers.Binary;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Bench;

/// <summary>Recordings for the benchmark, made in memory: random pixels of 128 x 128, about 2.7 events a microsecond.</summary>
internal static class DrawnEvents
{
    private const int Side = 128;
    private const int PacketEvents = 4096;

    /// <summary>A recording; its name says the format to the reader.</summary>
    public static (string Name, byte[] Bytes) Recording(EventFormat format, int count) => format switch
    {
        EventFormat.Aedat2 => ("drawn.aedat", [.. "#!AER-DAT2.0\r\n"u8,
            .. Records(Aedat2Format.Layout(AedatCamera.Dvs128, AedatAxes.Upright), count)]),
        EventFormat.Aedat31 => ("drawn.aedat", [.. "#!AER-DAT3.1\r\n#!END-HEADER\r\n"u8, .. Packets(count)]),
        EventFormat.Aedat4 => ("drawn.aedat4", DrawnAedat4.Bytes(Events(count))),
        EventFormat.Atis => ("drawn.bin", Records(AtisFormat.Layout, count)),
        EventFormat.Dat => ("drawn.dat", [.. "% Version 2\n"u8, 0x0C, 8, .. Records(DatFormat.Layout, count)]),
        EventFormat.Evt2 => ("drawn.raw", [.. "% evt 2.0\n"u8, .. Evt2(count)]),
        EventFormat.Evt3 => ("drawn.raw", [.. "% evt 3.0\n"u8, .. Evt3(count)]),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    private static IEnumerable<CameraEvent> Events(int count)
    {
        var random = new Random(1);
        var time = 0L;
        for (var i = 0; i < count; i++)
        {
            var bits = random.Next();
            time += bits % 8 < 3 ? 1 : 0;
            yield return new(time, (ushort)((bits >> 3) % Side), (ushort)((bits >> 10) % Side), (bits >> 20) % 2 == 0);
        }
    }

    private static byte[] Records(RecordLayout layout, int count)
    {
        var bytes = new byte[count * layout.Length];
        foreach (var (i, item) in Events(count).Index())
        {
            Write(bytes.AsSpan(i * layout.Length, layout.Length), layout, item);
        }
        return bytes;
    }

    private static void Write(Span<byte> bytes, RecordLayout layout, CameraEvent item)
    {
        var record = (((ulong)item.Time & layout.Time.Mask) << layout.Time.Shift) | ((ulong)item.X << layout.X.Shift)
            | ((ulong)item.Y << layout.Y.Shift) | (item.On ? 1UL << layout.On : 0);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[layout.BigEndian ? bytes.Length - 1 - i : i] = (byte)(record >> (8 * i));
        }
    }

    private static byte[] Packets(int count)
    {
        using var stream = new MemoryStream();
        Span<byte> header = stackalloc byte[28];
        Span<byte> record = stackalloc byte[Aedat31Decoder.Layout.Length];
        foreach (var packet in Events(count).Chunk(PacketEvents))
        {
            header[0] = 1;
            foreach (var (at, value) in new[] { (4, record.Length), (8, 4), (16, packet.Length), (20, packet.Length), (24, packet.Length) })
            {
                BinaryPrimitives.WriteInt32LittleEndian(header[at..], value);
            }
            stream.Write(header);
            foreach (var item in packet)
            {
                Write(record, Aedat31Decoder.Layout, item);
                stream.Write(record);
            }
        }
        return stream.ToArray();
    }

    private static byte[] Evt2(int count)
    {
        using var stream = new MemoryStream();
        Span<byte> word = stackalloc byte[Evt2Format.Layout.Length];
        var high = -1L;
        foreach (var item in Events(count))
        {
            if (item.Time >> 6 != high)
            {
                high = item.Time >> 6;
                BinaryPrimitives.WriteUInt32LittleEndian(word, 0x8000_0000 | (uint)high);
                stream.Write(word);
            }
            Write(word, Evt2Format.Layout, item);
            stream.Write(word);
        }
        return stream.ToArray();
    }

    private static byte[] Evt3(int count)
    {
        using var stream = new MemoryStream();
        using var words = new BinaryWriter(stream);
        var previous = new CameraEvent(-1, ushort.MaxValue, ushort.MaxValue, false);
        foreach (var item in Events(count))
        {
            if (item.Time >> 12 != previous.Time >> 12)
            {
                words.Write((ushort)(0x8000 | ((item.Time >> 12) & 0xFFF)));
            }
            if (item.Time != previous.Time)
            {
                words.Write((ushort)(0x6000 | (item.Time & 0xFFF)));
            }
            if (item.Y != previous.Y)
            {
                words.Write(item.Y);
            }
            words.Write((ushort)(0x2000 | (item.On ? 0x800 : 0) | item.X));
            previous = item;
        }
        return stream.ToArray();
    }
}
