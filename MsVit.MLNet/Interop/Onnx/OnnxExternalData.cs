namespace MsVit.MLNet;

/// <summary>Finds tensors of an ONNX model whose values are in another file.</summary>
/// <remarks>
/// ONNX Runtime would open that file, wherever its path leads. The messages and field numbers are those of onnx.proto that can hold a
/// tensor.
/// </remarks>
internal static class OnnxExternalData
{
    private const int MostDepth = 64;
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    // TensorProto's external_data, a list, and data_location, of which 1 is external.
    private const int ExternalEntries = 13, Location = 14;

    private enum Message
    {
        Model,
        Graph,
        Node,
        Attribute,
        Sparse,
        Tensor,
        Function,
        Training,
    }

    /// <summary>Whether a tensor of the model names another file.</summary>
    /// <exception cref="InvalidDataException">The model is cut short, or nested too deeply.</exception>
    public static bool IsIn(ReadOnlySpan<byte> model) => IsIn(Message.Model, model, depth: 0);

    private static bool IsIn(Message kind, ReadOnlySpan<byte> message, int depth)
    {
        if (depth > MostDepth)
        {
            throw new InvalidDataException($"its graphs are nested more than {MostDepth} deep.");
        }
        while (!message.IsEmpty)
        {
            var tag = Number(ref message);
            var field = (int)(tag >> 3);
            ReadOnlySpan<byte> value;
            switch ((int)(tag & 7))
            {
                case Varint:
                    var number = Number(ref message);
                    if (kind == Message.Tensor && field == Location && number != 0)
                    {
                        return true;
                    }
                    continue;
                case Fixed64:
                    _ = Take(ref message, sizeof(ulong));
                    continue;
                case Fixed32:
                    _ = Take(ref message, sizeof(uint));
                    continue;
                case Delimited:
                    value = Take(ref message, Number(ref message));
                    break;
                default:
                    throw new InvalidDataException($"field {field} has a form that ONNX does not use.");
            }
            if ((kind == Message.Tensor && field == ExternalEntries) || (Within(kind, field) is { } inner && IsIn(inner, value, depth + 1)))
            {
                return true;
            }
        }
        return false;
    }

    private static Message? Within(Message kind, int field) => (kind, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 20) => Message.Training,
        (Message.Model, 25) => Message.Function,
        (Message.Training, 1 or 2) => Message.Graph,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Graph, 15) => Message.Sparse,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5 or 10) => Message.Tensor,
        (Message.Attribute, 6 or 11) => Message.Graph,
        (Message.Attribute, 22 or 23) => Message.Sparse,
        (Message.Sparse, 1 or 2) => Message.Tensor,
        (Message.Function, 7) => Message.Node,
        (Message.Function, 11) => Message.Attribute,
        _ => null,
    };

    private static ulong Number(scoped ref ReadOnlySpan<byte> message)
    {
        var number = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(ref message, 1)[0];
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
        throw new InvalidDataException("a number in it has more than 64 bits.");
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> message, ulong count)
    {
        if (count > (ulong)message.Length)
        {
            throw new InvalidDataException("it is cut short.");
        }
        var taken = message[..(int)count];
        message = message[(int)count..];
        return taken;
    }
}
