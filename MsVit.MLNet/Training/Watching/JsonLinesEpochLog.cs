using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>One JSON object per epoch and line, with the figures of every layer. Unknown values are null.</summary>
internal sealed class JsonLinesEpochLog(string path) : IEpochLog
{
    private static readonly JsonSerializerOptions Format =
        new(JsonSerializerDefaults.Web) { Converters = { new NullForNaN(), new Seconds() } };

    private readonly LineLog _lines = new(path, "\n", header: null, EpochOf);

    public string Path => path;

    public void Write(EpochRecord record) => _lines.Append(record.Epoch, JsonSerializer.Serialize(record, Format));

    private static int? EpochOf(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(line, Format)?.Epoch;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Line(int Epoch);

    // JSON has no NaN.
    private sealed class NullForNaN : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }

    private sealed class Seconds : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TimeSpan.FromSeconds(reader.GetDouble());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.TotalSeconds);
    }
}
