using System.Globalization;
using System.Text;

namespace MsVit.Tests.Data.Events;

/// <summary>A NumPy array, written number by number.</summary>
internal static class NpyFile
{
    /// <param name="type">i8, i4, u2 or f8, little-endian.</param>
    /// <param name="shape">As Python writes it.</param>
    /// <param name="values">In the order of storage.</param>
    /// <param name="fortran">Whether the header says that the first axis moves fastest.</param>
    public static byte[] Of(string type, string shape, IEnumerable<double> values, bool fortran = false)
    {
        var text = $"{{'descr': '<{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, .. SlowRecordings.Little(2, text.Length), .. Encoding.ASCII.GetBytes(text),
            .. values.SelectMany(value => Bytes(type, value))];
    }

    private static byte[] Bytes(string type, double value) => type[0] == 'f'
        ? BitConverter.GetBytes(value)
        : SlowRecordings.Little(int.Parse(type.AsSpan(1), CultureInfo.InvariantCulture), (long)value);
}
