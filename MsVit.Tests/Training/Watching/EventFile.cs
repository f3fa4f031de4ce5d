using System.Buffers.Binary;
using System.Text;

namespace MsVit.Tests.Training.Watching;

/// <summary>Reads TensorBoard's event files byte by byte, without TorchSharp's or Google's code.</summary>
internal static class EventFile
{
    /// <summary>The scalars of a file, after both checksums of every record were compared.</summary>
    public static IEnumerable<(string Tag, long Step, float Value)> Scalars(string path)
    {
        var file = File.ReadAllBytes(path);
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var message = file.AsSpan(at + 12, length).ToArray();
            Assert.Equal(Masked(message), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 12 + length + 4;
            // Event: step is field 2, summary field 5. Summary: value is field 1. Value: tag is field 1, simple_value field 2.
            var fields = Fields(message).ToList();
            var step = fields.Where(field => field.Number == 2).Select(field => (long)field.Varint).SingleOrDefault();
            foreach (var value in fields.Where(field => field.Number == 5).SelectMany(summary => Fields(summary.Bytes)))
            {
                var parts = Fields(value.Bytes).ToDictionary(part => part.Number);
                yield return (Encoding.UTF8.GetString(parts[1].Bytes), step, parts.TryGetValue(2, out var number)
                    ? BitConverter.ToSingle(number.Bytes) : 0);
            }
        }
    }

    /// <summary>CRC-32C, bit by bit, turned right by 15 bits plus a constant, as TensorFlow masks it.</summary>
    public static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
            }
        }
        return uint.RotateRight(~crc, 15) + 0xA282EAD8;
    }

    private static IEnumerable<(int Number, ulong Varint, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var (varint, bytes) = (0UL, Array.Empty<byte>());
            switch (key & 7)
            {
                case 0:
                    varint = Varint(message, ref at);
                    break;
                case 1:
                    bytes = Take(message, 8, ref at);
                    break;
                case 5:
                    bytes = Take(message, 4, ref at);
                    break;
                default:
                    bytes = Take(message, (int)Varint(message, ref at), ref at);
                    break;
            }
            yield return ((int)(key >> 3), varint, bytes);
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private static byte[] Take(byte[] message, int count, ref int at) => message[at..(at += count)];
}
