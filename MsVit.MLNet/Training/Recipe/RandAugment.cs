using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>Random operations out of fifteen, at random magnitudes. In JSON, too, it is written as timm's string.</summary>
/// <remarks>
/// Cubuk, Zoph, Shlens and Le, "RandAugment: practical automated data augmentation with a reduced search space" (NeurIPS 2020), as in timm
/// 0.6.12. Each of n operations is drawn uniformly with replacement from AutoContrast, Equalize, Invert, Rotate, Posterize, Solarize,
/// SolarizeAdd, Color, Contrast, Brightness, Sharpness, ShearX, ShearY, TranslateX and TranslateY, in the variants whose effect grows with
/// the magnitude. It is applied in half of the cases, with a random magnitude and, where there are two directions, a random direction.
/// Images must be bytes with one or three channels.
/// </remarks>
[JsonConverter(typeof(RandAugmentConverter))]
public sealed record RandAugment
{
    private const double UniformDeviation = 100;

    /// <summary>The magnitude m, 0 to 10. The default is 9.</summary>
    public double Magnitude { get; init; } = 9;

    /// <summary>The number of operations per image, n, 1 to 15. The default is 2.</summary>
    public int Operations { get; init; } = 2;

    /// <summary>
    /// The standard deviation of the normal distribution around m from which each magnitude is drawn, mstd, 0 or more. Above 100,
    /// magnitudes are uniform from 0 to m. The default is 0.5.
    /// </summary>
    public double MagnitudeDeviation { get; init; } = 0.5;

    /// <summary>The largest magnitude, mmax, above 0 to 10; larger draws are clipped to it. The default is 10.</summary>
    public double LargestMagnitude { get; init; } = 10;

    /// <summary>Whether magnitudes are uniform from 0 to m.</summary>
    internal bool IsUniform => MagnitudeDeviation > UniformDeviation;

    /// <summary>Reads timm's string, such as "rand-m9-n1-mstd0.4-inc1".</summary>
    /// <param name="text">
    /// "rand", then m, n, mstd, mmax and inc in any order, each followed by its number, separated by hyphens. The defaults are timm's: m
    /// 10, n 2, mstd 0, mmax 10. inc is required, because only the operations that grow with the magnitude are available.
    /// </param>
    /// <exception cref="FormatException">The text is not a policy; the message says why.</exception>
    public static RandAugment Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('-');
        if (parts[0] != "rand")
        {
            throw Wrong(text, $"it begins with '{parts[0]}', not with 'rand'");
        }
        var policy = new RandAugment { Magnitude = 10, Operations = 2, MagnitudeDeviation = 0, LargestMagnitude = 10 };
        var increasing = false;
        foreach (var part in parts.AsSpan(1))
        {
            var digits = part.AsSpan().IndexOfAnyInRange('0', '9');
            if (digits < 0
                || !double.TryParse(part.AsSpan(digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            {
                throw Wrong(text, $"'{part}' is not a name followed by a number");
            }
            var name = part[..digits];
            increasing |= name == "inc";
            policy = name switch
            {
                "m" => policy with { Magnitude = value },
                "n" when int.TryParse(part.AsSpan(digits), CultureInfo.InvariantCulture, out var count) =>
                    policy with { Operations = count },
                "mstd" => policy with { MagnitudeDeviation = value },
                "mmax" => policy with { LargestMagnitude = value },
                "inc" => policy,
                _ => throw Wrong(text, $"'{part}' is unknown; the names are m, n (a whole number), mstd, mmax and inc"),
            };
        }
        return !increasing ? throw Wrong(text, "inc1 is missing; only the operations that grow with the magnitude are available")
            : policy.ValidationErrors().FirstOrDefault() is { } fault ? throw Wrong(text, fault)
            : policy;
    }

    /// <summary>timm's string, such as "rand-m9-n1-mstd0.4-inc1"; <see cref="Parse"/> returns an equal record.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"rand-m{Magnitude:0.################}-n{Operations}-mstd{MagnitudeDeviation:0.################}{Largest}-inc1");

    /// <summary>Lists every value that is out of range.</summary>
    internal IEnumerable<string> ValidationErrors()
    {
        if (!(Magnitude is >= 0 and <= 10))
        {
            yield return $"Magnitude is {Magnitude}; it must be from 0 to 10.";
        }
        if (Operations is < 1 or > 15)
        {
            yield return $"Operations is {Operations}; it must be from 1 to 15.";
        }
        if (!(MagnitudeDeviation >= 0) || !double.IsFinite(MagnitudeDeviation))
        {
            yield return $"MagnitudeDeviation is {MagnitudeDeviation}; it must be 0 or more.";
        }
        if (!(LargestMagnitude is > 0 and <= 10))
        {
            yield return $"LargestMagnitude is {LargestMagnitude}; it must be above 0 and at most 10.";
        }
    }

    private string Largest => LargestMagnitude == 10
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"-mmax{LargestMagnitude:0.################}");

    private static FormatException Wrong(string text, string why) =>
        new($"'{text}' is not a RandAugment policy: {why}. Expected a string such as rand-m9-n1-mstd0.4-inc1.");
}

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
    public override void Write(Utf8JsonWriter writer, RandAugment value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
