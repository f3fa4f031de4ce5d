using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;

namespace MsVit.Tests.Training.Augmentation;

public sealed class OperationGoldenTests
{
    [NeedsAugmentGoldenFact]
    public void Every_operation_of_RandAugment_gives_the_recorded_bytes()
    {
        using var golden = new AugmentGolden("randaugment");
        foreach (var recorded in golden.Cases)
        {
            var input = recorded.GetProperty("input").GetString()!;
            var image = golden.Bytes(input);
            var operation = Enum.Parse<ImageOperation>(recorded.GetProperty("op").GetString()!);
            var fill = recorded.TryGetProperty("fill", out var levels)
                ? levels.EnumerateArray().Select(level => level.GetByte()).ToArray() : [];
            var filter = recorded.TryGetProperty("resample", out var name) ? Enum.Parse<WarpFilter>(name.GetString()!, ignoreCase: true)
                : default;
            new ImageOperations(filter, fill).Apply(operation, Argument(recorded), image, golden.Image(input));
            Assert.True(golden.Bytes(recorded.GetProperty("output").GetString()!).SequenceEqual(image), $"{recorded}");
        }
    }

    [NeedsAugmentGoldenFact]
    public void Magnitudes_become_the_recorded_arguments()
    {
        var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AugmentFolder.Path, "magnitudes.json"))).RootElement;
        var cases = document.GetProperty("cases").EnumerateArray().ToList();
        Assert.NotEmpty(cases);
        foreach (var recorded in cases)
        {
            var operation = Enum.Parse<ImageOperation>(recorded.GetProperty("op").GetString()!);
            var magnitude = recorded.GetProperty("magnitude").GetDouble();
            if (recorded.TryGetProperty("arg", out var argument))
            {
                Assert.Equal(argument.GetDouble(), OperationArgument.Of(operation, magnitude, negative: true));
            }
            else
            {
                Assert.Equal(recorded.GetProperty("arg_plus").GetDouble(), OperationArgument.Of(operation, magnitude, negative: false),
                    1e-12);
                Assert.Equal(recorded.GetProperty("arg_minus").GetDouble(), OperationArgument.Of(operation, magnitude, negative: true),
                    1e-12);
            }
        }
    }

    private static double Argument(JsonElement recorded) => recorded.TryGetProperty("arg", out var argument) ? argument.GetDouble() : 0;
}
