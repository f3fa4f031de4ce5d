using System.Text.Json;
using MsVit.MLNet;

namespace MsVit.Tests.Training;

public sealed class ImageRecipeTests
{
    [Fact]
    public void A_recipe_with_every_part_comes_back_from_its_json()
    {
        var recipe = new ImageRecipe
        {
            RandomResizedCrop = new() { LeastArea = 0.2, Filter = ImageFilter.Bilinear },
            CropPadding = 2,
            HorizontalFlip = false,
            ColorJitter = new() { Brightness = FactorRange.About(0.4), Saturation = new(0.5, 1) },
            RandAugment = RandAugment.Parse("rand-m9-mstd0.5-inc1"),
            Warp = WarpFilter.Nearest,
            Erasing = new() { Mode = ErasingMode.Pixel, Count = 2 },
            Mixing = new() { CutMixAlpha = 1, OffEpoch = 200 },
        };
        var json = JsonSerializer.Serialize(recipe);
        Assert.Contains("\"rand-m9-n2-mstd0.5-inc1\"", json, StringComparison.Ordinal);
        Assert.Equal(recipe, JsonSerializer.Deserialize<ImageRecipe>(json));
        Assert.Equal(new ImageRecipe(), JsonSerializer.Deserialize<ImageRecipe>(JsonSerializer.Serialize(new ImageRecipe())));
    }

    [Fact]
    public void Every_value_out_of_its_range_is_named_with_its_part()
    {
        var recipe = new TrainingRecipe
        {
            Images = new()
            {
                CropPadding = -1,
                RandomResizedCrop = new() { LeastArea = 0 },
                ColorJitter = new() { Contrast = new(2, 1) },
                RandAugment = new() { Operations = 0 },
                Erasing = new() { Count = 0 },
                Mixing = new() { MixupAlpha = 9, OffEpoch = -1 },
            },
            Frames = new() { Mixing = new() { MixupAlpha = 0 } },
        };
        string[] faults = [.. recipe.ValidationErrors()];
        foreach (var start in new[]
        {
            "Images.CropPadding is -1", "Images.RandomResizedCrop.LeastArea is 0", "Images.ColorJitter.Contrast is from 2 to 1",
            "Images.RandAugment.Operations is 0", "Images.Erasing.Count is 0", "Images.Mixing.MixupAlpha is 9",
                "Images.Mixing.OffEpoch is -1",
            "Frames.Mixing.MixupAlpha and CutMixAlpha are both 0",
        })
        {
            Assert.Contains(faults, fault => fault.StartsWith(start, StringComparison.Ordinal));
        }
        Assert.Equal(8, faults.Length);
    }

    [Fact]
    public void Strings_of_timm_are_read_and_printed()
    {
        var cifar = RandAugment.Parse("rand-m9-n1-mstd0.4-inc1");
        Assert.Equal(new RandAugment { Magnitude = 9, Operations = 1, MagnitudeDeviation = 0.4 }, cifar);
        Assert.Equal("rand-m9-n1-mstd0.4-inc1", cifar.ToString());
        Assert.Equal(new RandAugment { Magnitude = 10, MagnitudeDeviation = 0, LargestMagnitude = 8.5 },
            RandAugment.Parse("rand-inc0-mmax8.5"));
        Assert.Equal("rand-m10-n2-mstd0-mmax8.5-inc1", RandAugment.Parse("rand-inc0-mmax8.5").ToString());
    }

    [Theory]
    [InlineData("augmix-m3", "augmix")]
    [InlineData("rand-m9", "inc1 is missing")]
    [InlineData("rand-m9-x3-inc1", "'x3' is unknown")]
    [InlineData("rand-m-inc1", "'m' is not a name followed by a number")]
    [InlineData("rand-m11-inc1", "Magnitude is 11")]
    [InlineData("rand-n1.5-inc1", "'n1.5' is unknown")]
    public void Other_strings_are_refused_with_the_reason(string text, string reason)
    {
        Assert.Contains(reason, Assert.Throws<FormatException>(() => RandAugment.Parse(text)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RandAugment>($"\"{text}\"")).Message,
            StringComparison.Ordinal);
    }
}
