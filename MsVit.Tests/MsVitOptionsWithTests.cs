using MsVit.MLNet;

namespace MsVit.Tests;

public sealed class MsVitOptionsWithTests
{
    [Fact]
    public void Values_are_found_without_the_part_where_one_part_alone_has_them()
    {
        var changed = With(("timesteps", "2"), ("Depths", "1,1,3"), ("LearningRate", "1e-3"), ("ValidationFraction", "0.2"),
            ("Neuron", "plif"));
        Assert.Equal(2, changed.Network.TimeSteps);
        Assert.Equal([1, 1, 3], changed.Network.Depths);
        Assert.Equal(1e-3, changed.Recipe.LearningRate);
        Assert.Equal(0.2, changed.ValidationFraction);
        Assert.Equal(NeuronKind.Plif, changed.Network.Neuron);
    }

    [Fact]
    public void The_options_themselves_stay_as_they_are()
    {
        var options = new MsVitOptions();
        _ = options.With(new KeyValuePair<string, string>("TimeSteps", "7"));
        Assert.Equal(MsVitConfig.Preset("laptop-32"), options.Network);
    }

    [Fact]
    public void A_preset_and_a_recipe_are_taken_before_what_is_changed_of_them()
    {
        var changed = With(("TimeSteps", "3"), ("MaxEpoch", "7"), ("Network", "tiny-32"), ("Recipe", "cifar"));
        Assert.Equal(MsVitConfig.Preset("tiny-32") with { TimeSteps = 3 }, changed.Network);
        Assert.Equal(TrainingRecipes.Named("cifar") with { MaxEpoch = 7 }, changed.Recipe);
    }

    [Fact]
    public void What_is_absent_comes_into_being_with_its_defaults_and_null_removes_it()
    {
        Assert.Equal(new Mixing() with { OffEpoch = 9 }, With(("Images.Mixing.OffEpoch", "9")).Recipe.Images.Mixing);
        Assert.Null(With(("Recipe", "cifar"), ("Images.RandAugment", "null")).Recipe.Images.RandAugment);
        Assert.Equal(RandAugment.Parse("rand-m5-n1-inc1"), With(("Images.RandAugment", "rand-m5-n1-inc1")).Recipe.Images.RandAugment);
    }

    [Fact]
    public void A_surrogate_by_name_has_its_default_parameters() =>
        Assert.Equal(Surrogate.Of(SurrogateFunction.ATan), With(("Surrogate", "atan")).Network.Surrogate);

    [Theory]
    [InlineData("TimeStep", "2", "There is no option 'TimeStep'. Did you mean Network.TimeSteps")]
    [InlineData("Name", "x", "'Name' is ambiguous: write Network.Name or Recipe.Name.")]
    [InlineData("TimeSteps", "two", "Network.TimeSteps=two: expected a whole number.")]
    [InlineData("TimeSteps", "null", "Network.TimeSteps=null: expected a whole number.")]
    [InlineData("TimeSteps", "99", "TimeSteps is 99")]
    [InlineData("Depths", "1;2", "Network.Depths=1;2: expected whole numbers such as 1,1,2 or null.")]
    [InlineData("HorizontalFlip", "yes", "There is no option 'HorizontalFlip'. Did you mean Recipe.Images.HorizontalFlip or "
        + "Recipe.Frames.HorizontalFlip?")]
    [InlineData("Images.HorizontalFlip", "yes", "Recipe.Images.HorizontalFlip=yes: expected true or false.")]
    [InlineData("Neuron", "brain", "Network.Neuron=brain: expected one of ")]
    [InlineData("Images.RandAugment", "rand-m5-n1", "'rand-m5-n1' is not a RandAugment policy: inc1 is missing")]
    [InlineData("Network", "huge", "There is no preset 'huge'.")]
    public void What_cannot_be_is_said_in_words(string key, string value, string message)
    {
        var fault = Assert.Throws<ArgumentException>(() => With((key, value)));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_is_given_once()
    {
        var fault = Assert.Throws<ArgumentException>(() => With(("TimeSteps", "1"), ("Network.TimeSteps", "2")));
        Assert.Equal("Network.TimeSteps is given 2 times; give it only once.", fault.Message);
    }

    [Fact]
    public void Every_key_is_found_by_its_name() =>
        Assert.All(MsVitOptions.Keys, key => Assert.Equal(key, OptionKey.Find(key).Name));

    private static MsVitOptions With(params (string Key, string Value)[] values) =>
        new MsVitOptions().With(values.Select(value => KeyValuePair.Create(value.Key, value.Value)));
}
