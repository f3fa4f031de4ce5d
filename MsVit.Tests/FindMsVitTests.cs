using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests;

/// <summary>Finding the MsVit model within a pipeline.</summary>
public sealed class FindMsVitTests(TrainedDots trained) : IClassFixture<TrainedDots>
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void A_pipeline_gives_its_model()
    {
        Assert.Equal(["bottom", "middle", "top"], trained.Model.FindMsVit().Labels.Order());
    }

    [Fact]
    public void A_model_by_itself_is_found()
    {
        var model = trained.Model.FindMsVit();
        Assert.Same(model, model.FindMsVit());
    }

    [Fact]
    public void A_model_is_found_in_a_chain_within_a_chain()
    {
        var nested = new TransformerChain<ITransformer>(Keys(), new TransformerChain<ITransformer>(trained.Model));
        Assert.Same(trained.Model.FindMsVit(), nested.FindMsVit());
    }

    [Fact]
    public void A_pipeline_without_a_model_is_an_error_that_lists_its_steps()
    {
        var error = Assert.Throws<ArgumentException>(() => new TransformerChain<ITransformer>(Keys()).FindMsVit());
        Assert.Contains("has 0 MsVit models; expected exactly one", error.Message, StringComparison.Ordinal);
        Assert.Contains("Its steps are: ValueToKeyMappingTransformer.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipeline_with_two_models_is_an_error_that_lists_its_steps()
    {
        var model = trained.Model.FindMsVit();
        var error = Assert.Throws<ArgumentException>(() => new TransformerChain<ITransformer>(model, model).FindMsVit());
        Assert.Contains("has 2 MsVit models; expected exactly one", error.Message, StringComparison.Ordinal);
        Assert.Contains("Its steps are: MsVitTransformer, MsVitTransformer.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_steps_before_and_after_the_model_are_told_apart()
    {
        var pipeline = MsVitPipeline.Of(trained.Model);
        Assert.Equal(["ValueToKeyMappingTransformer"], pipeline.Before.Select(step => step.GetType().Name));
        Assert.Equal(["KeyToValueMappingTransformer"], pipeline.After.Select(step => step.GetType().Name));
        Assert.Equal(3, pipeline.Steps.Count());
    }

    [Fact]
    public void Rows_are_transformed_up_to_the_model()
    {
        var rows = trained.Model.TransformUpToMsVit(trained.Train);
        Assert.IsType<KeyDataViewType>(rows.Schema["Label"].Type);
        Assert.Null(rows.Schema.GetColumnOrNull("Score"));
        Assert.Equal(DotTask.Scores(trained.Model.Transform(trained.Train)), DotTask.Scores(trained.Model.FindMsVit().Transform(rows)));
    }

    private ValueToKeyMappingTransformer Keys() => _ml.Transforms.Conversion.MapValueToKey("Label").Fit(trained.Train);
}
