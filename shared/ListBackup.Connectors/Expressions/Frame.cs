namespace ListBackup.Connectors.Expressions;

/// <summary>One evaluation: the variables, the template's own names, and a budget that ends loops nobody meant.</summary>
internal sealed class Frame(ExpressionContext context, int localCount)
{
    /// <summary>Steps of one evaluation. A template over a page of a thousand items needs some ten thousand.</summary>
    private const int StepsMax = 2_000_000;

    private readonly Value[] _locals = localCount == 0 ? [] : new Value[localCount];
    private int _steps;

    public ExpressionContext Context => context;

    public ref Value Local(int slot) => ref _locals[slot];

    public void Step()
    {
        if (++_steps > StepsMax)
            throw new ExpressionException("The evaluation takes too many steps.");
    }
}
