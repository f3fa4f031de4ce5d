using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>RandAugment in JSON: timm's string.</summary>
internal sealed class RandAugmentConverter : JsonConverter<RandAugment>
{
    /// <inheritdoc/>
    public override RandAugment Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException($"Expected a RandAugment policy as a string, such as rand-m9-n1-mstd0.4-inc1, not {reader.TokenType}.");
        }
        try
        {
            return RandAugment.Parse(reader.GetString()!);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RandAugment value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
