using MsVit.MLNet;

namespace MsVit.Tests.Trainer;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("There is no command 'trian'. Did you mean train?", "trian", "--data", "shapes")]
    [InlineData("There is no command 'evalute'. Did you mean evaluate?", "evalute")]
    [InlineData("There is no command 'inspct'. Did you mean inspect?", "data", "inspct", "x")]
    [InlineData("There is no option '--modl'. Did you mean --model?", "predict", "--modl", "x.zip", "cat.jpg")]
    [InlineData("There is no option '--tpo'. Did you mean --top?", "predict", "--model", "x.zip", "--tpo", "3", "cat.jpg")]
    [InlineData("--protocol publishd is not understood: expected published, validation. Did you mean published?",
        "train", "--data", "shapes", "--protocol", "publishd")]
    [InlineData("There is no script for 'zhs'; there are bash, zsh and pwsh. Did you mean zsh?", "completion", "zhs")]
    [InlineData("There is no command 'frobnicate'. The commands are: train, evaluate, predict,", "frobnicate")]
    public void A_mistyped_word_is_one_line_with_the_nearest_words(string message, params string[] args)
    {
        var (code, output, error) = Cli.Run(args);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"error: {message}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unrecognized", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Fact]
    public void A_mistyped_row_of_the_benchmark_gets_the_nearest_prefix() =>
        Assert.Contains(". Did you mean neuron? See", Cli.Run("bench", "neurn").Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("trian", "train")]
    [InlineData("tarin", "train")]
    [InlineData("prdict", "predict")]
    [InlineData("laptop", "train.laptop")]
    public void A_letter_too_few_or_two_exchanged_are_still_near(string word, string name) =>
        Assert.Equal([name], NearestNames.Of(word, [name, "completion"]));

    [Theory]
    [InlineData("xyz")]
    [InlineData("qq")]
    public void A_word_that_resembles_nothing_gets_no_suggestion(string word) =>
        Assert.Equal("", NearestNames.Question(word, ["train", "cpu", "evaluate", "data"]));

    [Fact]
    public void The_nearest_name_comes_first() =>
        Assert.Equal(" Did you mean Grid or Gird2?", NearestNames.Question("grid", ["Gird2", "Tpe", "Grid"]));

    [Fact]
    public void What_the_library_says_of_an_option_is_said_in_the_words_of_the_command_line() => Assert.Equal(
        "Set --validation-fraction 0, or with --set MicroBatchSize=8 less. Other = 3 stays.",
        MsVit.Trainer.Runs.OptionWords.Of("Set ValidationFraction = 0, or with Recipe.MicroBatchSize = 8 less. Other = 3 stays."));
}
