using MsVit.MLNet;

namespace MsVit.Tests.Data.Files;

public sealed class SplitNamesTests
{
    [Theory]
    [InlineData("train", DataSplit.Train)]
    [InlineData("TRAINING", DataSplit.Train)]
    [InlineData("Train", DataSplit.Train)]
    [InlineData("train_set", DataSplit.Train)]
    [InlineData("trainset", DataSplit.Train)]
    [InlineData("TrainData", DataSplit.Train)]
    [InlineData("training-images", DataSplit.Train)]
    [InlineData("train2017", DataSplit.Train)]
    [InlineData("seg_train", DataSplit.Train)]
    [InlineData("test", DataSplit.Test)]
    [InlineData("Testing", DataSplit.Test)]
    [InlineData("test-images", DataSplit.Test)]
    [InlineData("test_A", DataSplit.Test)]
    [InlineData("my test data", DataSplit.Test)]
    [InlineData("val", DataSplit.Validation)]
    [InlineData("valid", DataSplit.Validation)]
    [InlineData("Validation", DataSplit.Validation)]
    [InlineData("val2017", DataSplit.Validation)]
    [InlineData("validation_split", DataSplit.Validation)]
    public void A_name_of_a_part_is_one_in_any_form(string name, DataSplit split) => Assert.Equal(split, SplitNames.Find([name])[name]);

    [Theory]
    [InlineData("test_tube")]
    [InlineData("training shoe")]
    [InlineData("trainer")]
    [InlineData("valley")]
    [InlineData("contest")]
    [InlineData("Testudo")]
    [InlineData("freight train")]
    [InlineData("dev")]
    [InlineData("train_test")]
    [InlineData("0")]
    [InlineData("images")]
    public void A_class_with_such_letters_is_none(string name) => Assert.Empty(SplitNames.Find([name, "cat"]));

    [Fact]
    public void Siblings_that_differ_in_the_part_are_parts()
    {
        Assert.Equal(2, SplitNames.Find(["asl_alphabet_train", "asl_alphabet_test", "readme"]).Count);
        Assert.Empty(SplitNames.Find(["steam_train", "car_test"]));
        Assert.Equal(DataSplit.Validation, SplitNames.Find(["train", "dev"])["dev"]);
    }
}
