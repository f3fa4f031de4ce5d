using System.Buffers.Binary;
using System.Text;

namespace MsVit.MLNet.Events;

/// <summary>The header of a NumPy array: its type or record fields, its shape, and whether the last axis moves slowest.</summary>
internal sealed record NpyHeader(IReadOnlyList<NpyField> Fields, int RowLength, IReadOnlyList<long> Shape, bool IsFortran)
{
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private const int MaxLength = 64 << 10, MaxFields = 64, MaxAxes = 32;
    private const int PrefixLength = 8;

    /// <summary>Reads a header and advances the window to the data.</summary>
    /// <param name="window">The window, at the start of the array.</param>
    /// <param name="error">Creates an exception with a message.</param>
    public static NpyHeader Read(ByteWindow window, Func<string, EventFormatException> error)
    {
        if (!window.Fill(PrefixLength + sizeof(int)) || !window.Unread.StartsWith(Magic) || window.Unread[6] is < 1 or > 3)
        {
            throw error("the array does not start with a NumPy header of format 1, 2 or 3");
        }
        var prefix = window.Unread[6] == 1 ? PrefixLength + sizeof(ushort) : PrefixLength + sizeof(uint);
        long length = window.Unread[6] == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(window.Unread[PrefixLength..])
            : BinaryPrimitives.ReadUInt32LittleEndian(window.Unread[PrefixLength..]);
        if (length > MaxLength || !window.Fill(prefix + (int)length))
        {
            throw error($"the array's header has {length} bytes; expected at most {MaxLength} within the file");
        }
        var text = Encoding.Latin1.GetString(window.Unread.Slice(prefix, (int)length));
        window.Advance(prefix + (int)length);
        try
        {
            return Checked(PythonLiteral.Parse(text) as Dictionary<string, object?> ?? [], error);
        }
        catch (FormatException e) when (e is not EventFormatException)
        {
            throw error($"the array's header is not a Python dictionary: {e.Message}");
        }
    }

    private static NpyHeader Checked(Dictionary<string, object?> values, Func<string, EventFormatException> error)
    {
        var shape = values.GetValueOrDefault("shape") as List<object?>;
        if (shape is null || shape.Count > MaxAxes || !shape.All(size => size is long)
            || shape.Aggregate((Int128)8, Grown) > long.MaxValue)
        {
            throw error("the array's shape is not a tuple of integers, or is too large");
        }
        var isFortran = shape.Count > 1 && values.GetValueOrDefault("fortran_order") is not false;
        var (fields, length) = ReadFields(values.GetValueOrDefault("descr"));
        return fields is not null
            ? new(fields, length, [.. shape.Select(size => (long)size!)], isFortran)
            : throw error($"the array's type is not supported; expected {NpyType.Supported}, or a record of these");

        static Int128 Grown(Int128 product, object? size) =>
            product > long.MaxValue ? product : product * Math.Max(1, (long)size!);
    }

    private static (List<NpyField>? Fields, int Length) ReadFields(object? description)
    {
        List<object?> pairs = description is List<object?> list ? list : [new List<object?> { "", description }];
        var fields = new List<NpyField>();
        var at = 0;
        foreach (var pair in pairs)
        {
            if (pair is not List<object?> { Count: 2 } both || both[0] is not string name || both[1] is not string text
                || NpyType.Parse(text) is not { } type || fields.Count == MaxFields)
            {
                return (null, 0);
            }
            fields.Add(new(name, type, at));
            at += type.Size;
        }
        return (fields.Count > 0 ? fields : null, at);
    }
}

/// <summary>One value of each record in an array. Its name is empty if the array has plain numbers.</summary>
internal sealed record NpyField(string Name, NpyType Type, int Offset);
