using System.Buffers;
using Google.Protobuf;

namespace MsVit.MLNet;

/// <summary>A protobuf message under construction, field by field; field numbers are those of onnx.proto.</summary>
internal sealed class OnnxMessage
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>The bytes written so far.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    public OnnxMessage Add(int field, string text) => Write(
        field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeStringSize(text), output => output.WriteString(text));

    public OnnxMessage Add(int field, long number) => Write(
        field, WireFormat.WireType.Varint, CodedOutputStream.ComputeInt64Size(number), output => output.WriteInt64(number));

    public OnnxMessage Add(int field, float number) => Write(
        field, WireFormat.WireType.Fixed32, sizeof(float), output => output.WriteFloat(number));

    public OnnxMessage Add(int field, OnnxMessage message) => Add(field, message.Bytes);

    public OnnxMessage Add(int field, ReadOnlyMemory<byte> bytes)
    {
        Write(
            field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeLengthSize(bytes.Length),
            output => output.WriteLength(bytes.Length));
        _bytes.Write(bytes.Span);
        return this;
    }

    public OnnxMessage AddAll<T>(int field, IEnumerable<T> items, Func<OnnxMessage, int, T, OnnxMessage> add)
    {
        foreach (var item in items)
        {
            _ = add(this, field, item);
        }
        return this;
    }

    private OnnxMessage Write(int field, WireFormat.WireType type, int length, Action<CodedOutputStream> write)
    {
        var bytes = new byte[CodedOutputStream.ComputeTagSize(field) + length];
        using var output = new CodedOutputStream(bytes);
        output.WriteTag(field, type);
        write(output);
        output.CheckNoSpaceLeft();
        _bytes.Write(bytes);
        return this;
    }
}
